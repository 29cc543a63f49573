/** Name of the shared server in the manifest. Those that tenants have for themselves are named after them. */
export const HOME_SERVER = 'main';
