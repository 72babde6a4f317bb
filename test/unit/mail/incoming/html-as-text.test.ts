import { describe, expect, it } from 'vitest';
import { htmlAsText } from '../../../../src/mail/incoming/html-as-text.js';

const textOf = (html: string) => htmlAsText(html).text;

describe('the text of HTML', () => {
  it.each([
    ['a style that hides', '<div style="display:none">not</div><p style="font-size:0">at all</p>', 'not\n\nat all'],
    ['an attribute that hides', '<p hidden>not</p>', 'not'],
    ['elements that show something else', '<noscript>not</noscript><object>at all</object>', 'notat all'],
    ['text around the body', 'not <body>approved</body> yet', 'not\napproved\nyet'],
    ['text in the head', '<head><p>not</p></head>approved', 'not\n\napproved'],
    ['pictures', '<p>It was <img src="x.png" alt="not"> approved</p>', 'It was not approved'],
    ['boxes of a form', '<p><input type="button" value="Denied"></p>', 'Denied'],
    ['a comment that is none', '<!-->not<!-- approved -->', 'not'],
    ['a comment that ends early', '<!-- x --!>not<!-- -->', 'not'],
    ['a section that is none', '<p>is <![CDATA[>not]]></p>', 'is >not]]>'],
    ['what Outlook alone shows', '<p>Approved</p><!--[if mso]><p>Not yet</p><![endif]-->', 'Approved\n\nNot yet'],
    ['ticked boxes', '<input type="checkbox" checked>Yes <input type="radio">No', '[x] Yes [ ] No'],
    ['empty boxes', '<p><input placeholder="Denied"></p>', 'Denied'],
    ['a choice', '<select><option>Yes<option selected>No</select>', 'Yes\n[x] No'],
    ['other documents', '<iframe srcdoc="not" src="https://x.example/"></iframe>', 'not <https://x.example/>'],
    ['a style that writes', '<style>p::after { content: "not" }</style>so', 'p::after { content: "not" }\n\nso'],
    [
      'a style that strikes',
      '<style>b{text-decoration:line-through}</style>so',
      'b{text-decoration:line-through}\n\nso',
    ],
    ['styles from elsewhere', '<link rel="stylesheet" href="https://x.example/a.css">', '<https://x.example/a.css>'],
  ])('has everything that is written: %s', (_, html, text) => {
    expect(textOf(html)).toBe(text);
  });

  it('has no title, styles, scripts or comments', () => {
    const head = '<head><title>Letter</title><style>p { color: red }</style><script>go()</script></head>';
    expect(textOf(`<html>${head}<body><!-- x --><p>Approved</p></body></html>`)).toBe('Approved');
  });

  it.each([
    [
      'an element',
      '<p>It is <s>now</s> <del>still</del> <strike>yet</strike> open.</p>',
      'It is ~~now still yet~~ open.',
    ],
    ['a style in any case', '<p>is <b style="TEXT-DECORATION:Line-Through red">not</b> ok</p>', 'is ~~not~~ ok'],
    ['around paragraphs', '<s><p>Not approved.</p><p>Denied</p></s>', '~~Not approved.~~\n\n~~Denied~~'],
    ['within another', '<s>a <del>b</del> <i>c</i></s>', '~~a b c~~'],
    ['a part of a word', '<p><s>dis</s>approved</p>', '~~dis~~approved'],
    ['where spaces count', '<pre>is <s>not\nnow</s></pre>', 'is ~~not~~\n~~now~~'],
    ['a link', '<a href="#x" style="text-decoration: line-through">not</a>', '~~not~~'],
    ['a picture', '<s><img alt="not so"></s>', '~~not so~~'],
  ])('marks each word that is struck through: %s', (_, html, text) => {
    expect(textOf(html)).toBe(text);
  });

  it('does not mistake written tildes for its own marks', () => {
    expect(textOf('<p>not~~ ~~approved, ~~ ~~</p>')).toBe('not~~ ~~approved, ~~ ~~');
  });

  it.each([
    ['other words', '<a href="https://ace.cbp.gov/x">the portal</a>', 'the portal <https://ace.cbp.gov/x>'],
    ['another address', '<a href="https://evil.example">https://cbp.gov</a>', 'https://cbp.gov <https://evil.example>'],
    ['the same words', '<a href="https://cbp.gov"><b>https://</b>cbp.gov</a>', 'https://cbp.gov'],
    ['mail', '<a href="mailto:ace@cbp.dhs.gov">ace@cbp.dhs.gov</a>', 'ace@cbp.dhs.gov'],
    ["somebody else's mail", '<a href="MailTo:x@evil.example">ace@cbp.dhs.gov</a>', 'ace@cbp.dhs.gov <x@evil.example>'],
    ['a place in the text', '<a name="top" href="#top">Up</a>', 'Up'],
    ['a picture', '<a href="https://cbp.gov"><img></a>', '<https://cbp.gov>'],
    ['less than whole', '<base href="https://evil.example"><a href="x">Up</a>', 'https://evil.exampleUp <x>'],
  ])('shows where a link goes: %s', (_, html, text) => {
    expect(textOf(html)).toBe(text);
  });

  it.each([
    ['paragraphs', '<p>a<br>b</p><p>&nbsp;</p><p>c</p>', 'a\nb\n\nc'],
    ['divisions', '<div>a</div><div>b</div><div><br></div><div>c</div>', 'a\nb\n\nc'],
    ['breaks', 'a<br>b<br><br>c', 'a\nb\n\nc'],
    ['cells', '<table><tr><th>Status</th><td>Approved</td></tr></table>', 'Status\n\nApproved'],
    ['headings, in their own letters', '<h1>Your request</h1>Hello', 'Your request\n\nHello'],
    ['items', '<ul><li>a<li>b</ul><ol><li>c</ol>', '* a\n* b\n* c'],
    ['lines that are kept', '<pre>a\nb\n\nc</pre>', 'a\nb\n\nc'],
    ['no words', '<p>appr<wbr>o<b>ved</b></p>', 'approved'],
    ['nothing that has no width', '<p>appro&#8203;ved</p>', 'appro\u200bved'],
  ])('has breaks as on the screen for %s', (_, html, text) => {
    expect(textOf(html)).toBe(text);
  });

  it.each([
    ['blockquote', '<blockquote>old<blockquote>older</blockquote></blockquote>', '> old\n>\n> older'],
    ["Gmail's", '<div class="gmail_quote gmail_quote_container">old</div>', '> old'],
    [
      'a line at the left',
      '<div style="border:none;border-left:solid blue 1.5pt"><p>a</p><p>b</p></div>',
      '> a\n>\n> b',
    ],
    ['a box', '<div style="border:1px solid;border-left:4px solid">new</div>', 'new'],
    ['a cell', '<table><td style="border-left:1px solid">new</td></table>', 'new'],
    ['no line', '<div style="border-left:none">new</div>', 'new'],
    [
      "Outlook's line above",
      '<div style="border:none;border-top:solid #E1E1E1 1pt"><p><b>From:</b> a<br><b>Sent:</b> b</p></div>',
      'From: a\nSent: b',
    ],
  ])('marks quotes of mail programs: %s', (_, html, text) => {
    expect(textOf(`${html}<p>end</p>`)).toBe(`${text}\n\nend`);
  });
});

describe('HTML without end', () => {
  it.each([
    ['div', '<div>'.repeat(100_000)],
    ['a, which may not stand within another', '<a href=x>'.repeat(50_000)],
    ['headings within each other', '<h1><h2>'.repeat(50_000)],
    ['text that is longer than 500 kB', `${'<p>x</p>'.repeat(70_000)}`],
  ])('is incomplete and reported as such: %s', (_, html) => {
    expect(htmlAsText(`<p>Begin</p>${html}`)).toMatchObject({
      complete: false,
      text: expect.stringMatching(/^Begin/),
    });
  });

  it('counts real depth only: void elements and missing end tags add none', () => {
    const flat = ['<p>x<br><img src=y>', '<li>z', '<tr><td>a', '<div>b</div>']
      .map((part) => part.repeat(1_000))
      .join('');
    expect(htmlAsText(flat).complete).toBe(true);
    expect(htmlAsText(`${'<div>'.repeat(200)}deep`)).toEqual({ text: 'deep', complete: true });
    expect(htmlAsText(`${'<div>'.repeat(201)}deep`)).toEqual({ text: '', complete: false });
  });

  const within = (open: string) => open.repeat(190);
  it.each<[string, string]>([
    ['styles', `<p style="${'text-decoration '.repeat(30_000)}">x`],
    ['broken styles', '<span style="text-decoration underline'.repeat(8_000)],
    ['quotations in quotations', within('<blockquote>') + 'x<br>'.repeat(90_000)],
    ['lists in lists', '<ul><li>'.repeat(95) + 'x<br>'.repeat(90_000)],
    ['struck words in struck words', within('<s>') + 'a '.repeat(240_000)],
    ['links in divisions in links', '<a href=x><div>'.repeat(90) + 'y '.repeat(200_000)],
    ['cells', '<td>x'.repeat(90_000)],
    ['brackets', '<'.repeat(490_000)],
    ['tildes', `${'~~a~~ '.repeat(40_000)}${'~'.repeat(200_000)}`],
    ['hard spaces', `x${'\u00a0'.repeat(480_000)}x`],
    ['attributes', `<p ${'a=b '.repeat(120_000)}>x`],
    ['comments', '<!--'.repeat(120_000)],
  ])('never takes quadratic time: %s', (_, html) => {
    const started = performance.now();
    htmlAsText(html);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
