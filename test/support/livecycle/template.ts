import { bubblePlaces, PAGE, type PlacedBox, type PlacedSection, placed, tooltipOf } from './layout.js';
import type { Box, SectionOfForm } from './sections.js';

export interface TemplateOptions {
  pages: SectionOfForm[][];
  /** Subforms of the pages have the names Page1, Page2, … and not none. */
  pageNames: boolean;
  tooltips: boolean;
  scripts: boolean;
  /** The footer's bar code: constants and the page, what was filled in, or none. */
  barcode: 'page' | 'data' | 'none';
  /** Whether the button's action is here. */
  submit: boolean;
  /** Whether there is a button at all. */
  button: boolean;
}

export const SUBMIT_TO = 'mailto:applications@agency.example?subject=Application';

/** The form as LiveCycle Designer writes it. */
export function templatePacket(options: TemplateOptions): string {
  const pages = options.pages.map((sections, index) => page(sections, index, options)).join('');
  return `<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><?formServer defaultPDFRenderFormat acrobat10.0dynamic?><subform name="form1" layout="tb" locale="en_US"><pageSet><pageArea name="Page1" id="Page1"><contentArea x="0pt" y="0pt" w="${PAGE.width}pt" h="752pt"/><medium stock="letter" short="612pt" long="792pt"/>${footer(options)}</pageArea></pageSet>${pages}<variables><text name="FormID">ACE-S</text><text name="RevDate">10/31/25</text></variables><?templateDesigner DefaultLanguage JavaScript?></subform></template>`;
}

/** Empty data, as a blank form has it. */
export function datasetsPacket({ pages, pageNames }: Pick<TemplateOptions, 'pages' | 'pageNames'>): string {
  const data = pages
    .map((sections, index) => {
      const groups = sections
        .map(({ name, rows }) => {
          const boxes = rows.flatMap((row) => row.boxes).filter(({ kind }) => kind !== 'signature');
          return `<${name}\n>${boxes.map((box) => `<${box.name}\n/>`).join('')}</${name}\n>`;
        })
        .join('');
      return pageNames ? `<Page${index + 1}\n>${groups}</Page${index + 1}\n>` : groups;
    })
    .join('');
  return `<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"\n><xfa:data\n><form1\n>${data}</form1\n></xfa:data\n></xfa:datasets\n>`;
}

export function barcodeScript(kind: TemplateOptions['barcode']): string {
  const said = kind === 'page' ? 'FormID.value + "|" + RevDate.value + "|" + xfa.layout.page(this)' : DATA_SCRIPT;
  return `var a = xfa.layout.page(this).toString();\nif (a.length == 2)\n{\n\tthis.ui.oneOfChild.dataLength = "17";\n}\nthis.rawValue = ${said};`;
}

const DATA_SCRIPT =
  'form1.SectionA.Line1_CompanyName.rawValue + "|" + form1.SectionA1.Importer_IORNumber.rawValue + "|" + xfa.layout.page(this)';

function footer({ barcode }: TemplateOptions): string {
  const edition = draw(36, 762, 150, 'Sample form, edition 10/31/25', 9);
  if (barcode === 'none') return edition;
  return `${edition}<field name="PDF417BarCode1" x="192pt" y="762pt" w="270pt" h="18pt" access="readOnly"><ui><barcode type="pdf417" dataLength="16" moduleWidth="0.0133in" moduleHeight="0.02661in" errorCorrectionLevel="5"/></ui><value><text>1234567890</text></value><bind match="none"/><event activity="ready" ref="$layout" name="event__layout_ready"><script contentType="application/x-javascript">${escaped(barcodeScript(barcode))}</script></event></field>`;
}

function page(sections: SectionOfForm[], index: number, options: TemplateOptions): string {
  const name = options.pageNames ? ` name="Page${index + 1}"` : '';
  const isLast = index === options.pages.length - 1;
  const body = placed(sections)
    .map((section) => sectionXml(section, options))
    .join('');
  const head = draw(36, 40, 540, 'SAMPLE FORM made for tests. No agency has seen it. Never send it.', 12);
  const button = isLast && options.button ? submitButton(options.submit) : '';
  const onNewPage = index > 0 ? '<breakBefore targetType="pageArea" startNew="1"/>' : '';
  return `<subform${name} layout="position" w="${PAGE.width}pt" h="752pt">${onNewPage}${head}${body}${button}</subform>`;
}

function submitButton(submits: boolean): string {
  const action = submits
    ? `<event activity="click" name="event__click"><submit format="pdf" target="${SUBMIT_TO}"/></event>`
    : '';
  return `<field name="EmailSubmitButton1" x="450pt" y="700pt" w="120pt" h="24pt"><ui><button/></ui><caption><value><text>Submit by E-mail</text></value></caption>${action}</field>`;
}

function sectionXml({ section, area, boxes }: PlacedSection, options: TemplateOptions): string {
  const inside = boxes.map((box) => fieldXml(box, area, options)).join('');
  const note = section.note ? draw(0, 18, area.width, section.note, 8) : '';
  return `<subform name="${section.name}" layout="position" x="${area.x}pt" y="${area.y}pt" w="${area.width}pt" h="${area.height}pt">${draw(0, 0, area.width, section.title, 11)}${note}${inside}</subform>`;
}

function fieldXml(placedBox: PlacedBox, area: { x: number; y: number }, options: TemplateOptions): string {
  const { box, cell, inner } = placedBox;
  const at = (rectangle: { x: number; y: number; width: number; height: number }) =>
    `x="${rectangle.x - area.x}pt" y="${rectangle.y - area.y}pt" w="${rectangle.width}pt" h="${rectangle.height}pt"`;
  const words = draw(cell.x - area.x + 2, cell.y - area.y, cell.width - 4, box.caption, 7);
  const beside = draw(cell.x - area.x + 20, cell.y - area.y + 10, cell.width - 24, box.caption, 8);
  const access = `${box.closed ? ' access="readOnly"' : ''}${box.hidden ? ' presence="hidden"' : ''}${box.screenOnly ? ' relevant="-print"' : ''}`;
  const tooltip = options.tooltips
    ? `<assist><speak priority="toolTip"/><toolTip>${escaped(tooltipOf(placedBox))}</toolTip></assist>`
    : '';
  const font = '<font typeface="Courier New" size="10pt"/>';
  const rest = `${font}${tooltip}${options.scripts ? scriptsXml(box) : ''}`;
  const most = box.most ? ` maxChars="${box.most}"` : '';
  const open = `<field name="${box.name}" ${at(inner)}${access}>`;
  switch (box.kind) {
    case 'tick':
      return `${beside}${open}<ui><checkButton size="10pt"/></ui><items><text>${box.options?.[0]?.on}</text><text/></items>${rest}</field>`;
    case 'bubbles': {
      const kids = bubblePlaces(placedBox)
        .map(
          ({ on, label, x, width, height }) =>
            `<field x="${x - inner.x}pt" y="0pt" w="${width + 40}pt" h="${height}pt"><ui><checkButton shape="round" size="9pt"/></ui><items><text>${on}</text></items><caption placement="right" reserve="38pt"><value><text>${escaped(label)}</text></value></caption></field>`,
        )
        .join('');
      return `${words}<exclGroup name="${box.name}" ${at(inner)}${access}>${tooltip}${options.scripts ? scriptsXml(box) : ''}${kids}</exclGroup>`;
    }
    case 'list': {
      const items = (box.options ?? []).map(({ on }) => `<text>${escaped(on)}</text>`).join('');
      return `${words}${open}<ui><choiceList open="onEntry"/></ui><items save="1">${items}</items>${rest}</field>`;
    }
    case 'signature':
      return `${words}${open}<ui><signature type="PDF1.6"/></ui>${rest}</field>`;
    case 'date':
      return `${words}${open}<ui><dateTimeEdit picker="none"/><picture>${box.picture}</picture></ui><value><date/></value>${rest}</field>`;
    default: {
      const comb = box.comb ? `<comb numberOfCells="${box.most}"/>` : '';
      return `${words}${open}<ui><textEdit${box.multiline ? ' multiLine="1"' : ''}>${comb}</textEdit></ui><value><text${most}/></value>${rest}</field>`;
    }
  }
}

function scriptsXml({ kind, picture, only, exactly, change, calculate, required }: Box): string {
  const script = (activity: string, code: string) =>
    `<event activity="${activity}" name="event__${activity}"><script contentType="application/x-javascript">${escaped(code)}</script></event>`;
  const parts: string[] = [];
  if (calculate) parts.push(`<calculate override="error"><script>${escaped(calculate)}</script></calculate>`);
  if (picture) parts.push(`<format><picture>${picture}</picture></format>`);
  if (required) parts.push('<validate nullTest="error"/>');
  else if (picture && kind !== 'date') parts.push('<validate scriptTest="warning"/>');
  if (only)
    parts.push(
      script(
        'change',
        `// ${only.words}\nvar regex = /[^${only.characters}]/\nif(regex.test(xfa.event.change)) \n{\n  xfa.event.change = "";\n  xfa.host.messageBox("Enter only ${only.words}.");\n}`,
      ),
    );
  if (exactly)
    parts.push(
      script(
        'exit',
        `if (this.rawValue.length != ${exactly})\n{\n\txfa.host.messageBox("Please enter ${exactly} digits.");\n\txfa.host.setFocus(this.somExpression);\n\tthis.rawValue="";\n}`,
      ),
    );
  if (kind === 'date')
    parts.push(
      script(
        'exit',
        '//Date Validation on Exit\nif (this.rawValue == this.formattedValue)\n{\n\txfa.host.messageBox("Please enter 2 digit month, 2 digit day and 4 digit year.");\n\txfa.host.setFocus(this.somExpression);\n\tthis.rawValue="";\n}',
      ),
    );
  if (change) parts.push(script('change', change));
  return parts.join('');
}

function draw(x: number, y: number, width: number, text: string, size: number): string {
  return `<draw x="${x}pt" y="${y}pt" w="${width}pt" h="${size + 4}pt"><ui><textEdit/></ui><value><text>${escaped(text)}</text></value><font typeface="Times New Roman" size="${size}pt"/></draw>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
