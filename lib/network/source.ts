/** Who may connect to the databases of a network. */
export type NetworkSource =
  | { readonly securityGroupId: string }
  | { readonly cidr: string };

/** From JavaScript, and in data that nobody has checked, it may be a text or anything else. */
export const isNetworkSource = (value: unknown): value is NetworkSource =>
  typeof value === 'object' && value !== null && ['securityGroupId', 'cidr'].some((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'string');

export const NetworkSource = {
  /** Members of a security group, of the same VPC or of a peered one in the region. */
  securityGroup: (securityGroupId: string): NetworkSource => ({ securityGroupId }),
  /** Addresses of a network, for instance of a peered one or of a VPN. */
  cidr: (cidr: string): NetworkSource => ({ cidr }),
};
