import { type Ask, type Block, INSTRUCTIONS, type Page } from './replica-content.js';

/** The replica's sections as LiveCycle XML: a dynamic form consists of it, and a hybrid form has it beside its fields. */

const TEMPLATE_NS = 'http://www.xfa.org/schema/xfa-template/3.3/';
const WIDTH = 540;

export function templatePacket(pages: Page[], root: string): string {
  const sheets = pages.map((page) => sheet(page)).join('');
  return `<template xmlns="${TEMPLATE_NS}"><subform name="${root}" layout="tb" locale="en_US"><pageSet><pageArea name="Sheet" id="Sheet"><contentArea x="36pt" y="36pt" w="${WIDTH}pt" h="720pt"/><medium stock="letter" short="612pt" long="792pt"/></pageArea></pageSet>${instructions()}${sheets}</subform></template>`;
}

export function datasetsPacket(root: string): string {
  return `<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><${root}/></xfa:data></xfa:datasets>`;
}

function instructions(): string {
  const paragraphs = INSTRUCTIONS.map(
    ({ heading, body }) => label(heading, 11, 'bold') + label(body, 9, 'normal'),
  ).join('');
  return `<subform name="Page1" layout="tb" w="${WIDTH}pt">${paragraphs}</subform>`;
}

function sheet(page: Page): string {
  return `<subform name="Page${page.number}" layout="tb" w="${WIDTH}pt"><breakBefore targetType="pageArea" startNew="1"/>${label('REPLICA for rehearsals and tests. Not a form of CBP. Never send it.', 10, 'bold')}${page.blocks.map(block).join('')}</subform>`;
}

function block({ subform, title, note, rows }: Block): string {
  const body = rows
    .map(({ height = 32, cells }) => {
      const fields = cells.map(({ share, ask }) => field(ask, share * WIDTH, height)).join('');
      // A row without a name keeps its fields together on the page, and is not part of their names.
      return `<subform layout="lr-tb" w="${WIDTH}pt">${fields}</subform>`;
    })
    .join('');
  return `<subform name="${subform}" layout="tb" w="${WIDTH}pt">${label(title, 10, 'bold')}${note ? label(note, 8, 'normal') : ''}${body}</subform>`;
}

function label(text: string, size: number, weight: string): string {
  return `<draw w="${WIDTH}pt" minH="${size * 1.5}pt"><ui><textEdit/></ui><value><text>${escaped(text)}</text></value><font typeface="Arial" size="${size}pt" weight="${weight}"/></draw>`;
}

function field(ask: Ask, width: number, height: number): string {
  const size = `w="${width}pt" h="${height}pt"`;
  const assist = `<assist><toolTip>${escaped(ask.caption)}</toolTip></assist>`;
  const caption = (text: string, placement = 'top', reserve = 11) =>
    `<caption placement="${placement}" reserve="${reserve}pt"><value><text>${escaped(text)}</text></value><font typeface="Arial" size="6.5pt"/></caption>`;
  const font = '<font typeface="Arial" size="10pt"/>';
  switch (ask.kind) {
    case 'text': {
      const edit = ask.comb
        ? `<textEdit><comb numberOfCells="${ask.comb}"/></textEdit>`
        : `<textEdit${ask.multiline ? ' multiLine="1"' : ''}/>`;
      const most = ask.comb ?? ask.maxLength;
      const value = `<value><text${most ? ` maxChars="${most}"` : ''}/></value>`;
      return `<field name="${ask.name}" ${size}><ui>${edit}</ui>${value}${font}${caption(ask.caption)}${assist}</field>`;
    }
    case 'dropdown': {
      const options = ask.options.map((option) => `<text>${escaped(option)}</text>`).join('');
      return `<field name="${ask.name}" ${size}><ui><choiceList open="onEntry"/></ui><items>${options}</items>${font}${caption(ask.caption)}${assist}</field>`;
    }
    case 'tick':
      return `<field name="${ask.name}" ${size}><ui><checkButton size="10pt"/></ui><items><text>${ask.on}</text><text>0</text></items>${font}${caption(ask.caption, 'right', width - 30)}${assist}</field>`;
    case 'choice': {
      const share = width / ask.options.length;
      const buttons = ask.options
        .map(
          ({ on, label: text }) =>
            `<field name="${ask.name}_${on}" w="${share}pt" h="${height}pt"><ui><checkButton shape="round" size="10pt"/></ui><items><text>${on}</text></items>${font}${caption(text, 'right', share - 24)}</field>`,
        )
        .join('');
      return `<exclGroup name="${ask.name}" layout="lr-tb" w="${width}pt">${assist}${buttons}</exclGroup>`;
    }
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
