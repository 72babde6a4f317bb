/** Where an archive lies in an S3-compatible bucket. */
export interface BucketSettings {
  bucket: string;
  /** Ends with a slash, or is empty. */
  prefix: string;
  /** Of another provider than AWS, or of a server of one's own. */
  endpoint?: string | undefined;
  region: string;
  /** The bucket's name in the path instead of in the host's name. */
  pathStyle: boolean;
  /** None: what AWS's tools would use (variables, profile, role of the machine). */
  credentials?: { accessKeyId: string; secretAccessKey: string } | undefined;
}
