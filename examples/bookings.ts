// A booking system whose tenants share their tables, in twenty lines. Run it: npx tsx examples/bookings.ts
import { App } from 'cdktf';
import { DatabaseNetwork, defineSchema, Engine, Environment, EnvironmentStack, HaCluster, TenantDatabase } from 'tenantry';

const bookings = defineSchema({
  name: 'bookings',
  tables: {
    rooms: { tenancy: 'tenant', columns: { id: { type: 'uuid', default: 'gen_random_uuid()' }, name: { type: 'text' } }, primaryKey: ['id'], unique: [['name']] },
    stays: { tenancy: 'tenant', columns: { room: { type: 'uuid', references: 'rooms.id' }, night: { type: 'date' }, guest: { type: 'text', data: 'personal' } }, primaryKey: ['room', 'night'] },
  },
  roles: { app: { login: 'iam', tables: { rooms: 'write', stays: 'write' } } },
});

const app = new App();
const environment = Environment.of({
  stage: 'development', platform: 'bookings', region: 'eu-central-1', account: '123456789012', owner: 'bookings-team', costCentre: '4711', state: { backend: 'local' },
});
const stack = new EnvironmentStack(app, 'all', { environment });
const cluster = new HaCluster(stack, 'Cluster', { network: new DatabaseNetwork(stack, 'Network'), engine: Engine.auroraPostgresql('17') });
new TenantDatabase(stack, 'Bookings', { cluster, schema: bookings, tenants: { seaside: { isolation: 'row' }, alpine: { isolation: 'row' } } });
app.synth();
