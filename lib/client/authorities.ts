import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/**
 * Who may vouch for a pool: RDS Proxy shows a certificate of AWS Certificate Manager, which Amazon's public authorities sign, and not those of the databases that a program is given as
 * `ca`. (AWS, Aurora user guide, "RDS Proxy concepts and terminology", "Using TLS/SSL with RDS Proxy".)
 *
 * @param ca - what the program was given. @default - the authorities of Node.js, which Amazon's are among
 */
export function authoritiesOfPool(ca: string | undefined): string | undefined {
  return ca === undefined ? undefined : [ca, ...rootCertificates.filter((root) => new X509Certificate(root).subject.split('\n').includes('O=Amazon'))].join('\n');
}
