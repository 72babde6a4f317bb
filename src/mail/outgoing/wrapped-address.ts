/**
 * Addresses that mail systems made from another one along the way: BATV (`prvs=`), SRS, and the escapes of web forms and
 * ticket systems. A reply to such an address goes to the one inside.
 */

/** Deeper than real mail goes, such as an SRS address of a BATV address that a web form escaped. */
const MAX_LAYERS = 4;

/**
 * The address itself and each one wrapped in it, outermost first, lower case. An inner address always has the domain it
 * had before it was wrapped: for BATV the domain of the whole, for SRS the domain that SRS recorded, never the
 * forwarder's.
 */
export function addressesWithin(address: string): string[] {
  const found = [unquoted(address.trim().toLowerCase())];
  for (let layer = 0; layer < MAX_LAYERS; layer += 1) {
    const inner = unwrapped(found.at(-1) ?? '');
    if (inner === undefined) break;
    found.push(unquoted(inner));
  }
  return found;
}

function unwrapped(address: string): string | undefined {
  const unescaped = unescapedForm(address);
  if (unescaped !== address) return unescaped;
  const at = address.lastIndexOf('@');
  if (at <= 0) return undefined;
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  const batv = withinBatv(local);
  return batv === undefined ? withinSrs(local) : `${batv}@${domain}`;
}

/** `"ace+token"@broker.example` means the same without its quotes (RFC 5321 4.1.2). */
function unquoted(address: string): string {
  const quoted = /^"([^"]{1,250})"@([^@"]+)$/.exec(address);
  return quoted ? `${quoted[1]?.replace(/\\(.)/g, '$1')}@${quoted[2]}` : address;
}

const ESCAPES: Record<string, string> = { '%2b': '+', '%3d': '=', '%2f': '/', '%2d': '-', '%2e': '.', '%5f': '_' };

/**
 * `%40` is the @ only if there is no other: `ace%40broker.example@relay.example` is the relay's own address. Only
 * characters that belong in an address are unescaped.
 */
function unescapedForm(address: string): string {
  const local = address.replace(/%(?:2[bdef]|3d|5f)/g, (found) => ESCAPES[found] ?? found);
  return local.includes('@') ? local : local.replace('%40', '@');
}

/**
 * BATV, draft-levine-smtp-batv: `prvs=TAG=local`, older `prvs=local/TAG`; `msprvs1=TAG=local` and Barracuda's
 * `btv1==TAG==local`.
 */
function withinBatv(local: string): string | undefined {
  return (
    /^(?:ms)?prvs1?=[0-9a-z]{4,40}=(.+)$/.exec(local)?.[1] ??
    /^btv1==[0-9a-z]{4,40}==(.+)$/.exec(local)?.[1] ??
    /^prvs=(.+)\/[0-9a-z]{4,40}$/.exec(local)?.[1]
  );
}

/**
 * SRS: `SRS0=hash=time=domain=local`, forwarded again `SRS1=hash=forwarder==hash=time=domain=local`. The separator after
 * `SRS0` or `SRS1` may also be `-` or `+`.
 */
function withinSrs(local: string): string | undefined {
  const found =
    /^srs0[=+-][^=]{1,64}=[^=]{1,8}=([^=@]+)=(.+)$/.exec(local) ??
    /^srs1[=+-][^=]{1,64}=[^=@]+=[=+-][^=]{1,64}=[^=]{1,8}=([^=@]+)=(.+)$/.exec(local);
  return found ? `${found[2]}@${found[1]}` : undefined;
}
