export { type Complaint, Complaints, type ErrorKind, formatComplaint, TenantryError } from './errors';
