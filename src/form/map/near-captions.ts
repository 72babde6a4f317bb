import type { FormField } from '../document/form-field.js';
import { withPdfJs } from '../document/read-back.js';

interface Words {
  text: string;
  x: number;
  y: number;
  width: number;
}

const FARTHEST_LEFT = 160;
const FARTHEST_ABOVE = 22;

/** The words printed beside fields that have no caption of their own: a hint for people, never used to fill. */
export async function captionsNear(bytes: Uint8Array, fields: FormField[]): Promise<Map<string, string>> {
  const bare = fields.filter((field) => field.caption === undefined && field.places.length > 0);
  return withPdfJs(bytes, async (document) => {
    const captions = new Map<string, string>();
    for (const page of new Set(bare.map((field) => field.places[0]?.page ?? 0))) {
      if (page < 1 || page > document.numPages) continue;
      const { items } = await (await document.getPage(page)).getTextContent();
      const words = items.flatMap((item): Words[] =>
        'str' in item && item.str.trim()
          ? [
              {
                text: item.str.trim(),
                x: item.transform[4] as number,
                y: item.transform[5] as number,
                width: item.width,
              },
            ]
          : [],
      );
      for (const field of bare.filter(({ places }) => places[0]?.page === page)) {
        const near = nearest(field, words);
        if (near) captions.set(field.name, near);
      }
    }
    return captions;
  });
}

function nearest(field: FormField, words: Words[]): string | undefined {
  const [place] = field.places;
  if (!place) return undefined;
  let best: { text: string; distance: number } | undefined;
  for (const { text, x, y, width } of words) {
    const left = place.x - (x + width);
    const above = y - (place.y + place.height);
    const beside = y >= place.y - 3 && y <= place.y + place.height && left >= -4 && left <= FARTHEST_LEFT;
    const over = above >= -4 && above <= FARTHEST_ABOVE && x < place.x + place.width && x + width > place.x - 4;
    if (!beside && !over) continue;
    const distance = over ? Math.abs(above) + Math.abs(x - place.x) / 20 : Math.max(0, left) + 4;
    if (!best || distance < best.distance) best = { text, distance };
  }
  return best?.text.replace(/\s+/g, ' ');
}
