/** Who may connect to the databases of a network. */
export type NetworkSource =
  | { readonly securityGroupId: string }
  | { readonly cidr: string };

export const NetworkSource = {
  /** Members of a security group, of the same VPC or of a peered one in the region. */
  securityGroup: (securityGroupId: string): NetworkSource => ({ securityGroupId }),
  /** Addresses of a network, for instance of a peered one or of a VPN. */
  cidr: (cidr: string): NetworkSource => ({ cidr }),
};
