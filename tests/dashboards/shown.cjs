// What Grafana itself makes of a table: its own transformations, field overrides and units.
// stdin: {tables: [{panel, rows: {refId: [row]}}], units: [unit]}; stdout: {tables, unknown}.
const { JSDOM } = require('jsdom');
const page = new JSDOM('<html><body></body></html>', { url: 'http://localhost/' });
for (const name of ['window', 'document', 'navigator', 'localStorage']) {
  globalThis[name] = name === 'window' ? page.window : page.window[name];
}
for (const name of ['DOMParser', 'HTMLElement', 'Element', 'Node', 'MutationObserver']) {
  globalThis[name] = page.window[name];
}
const grafana = require('@grafana/data');
const { firstValueFrom } = require('rxjs');

const unlike = new Map(Object.values(grafana.standardTransformers).map((one) => [one.id, one]));
grafana.standardTransformersRegistry.setInit(() =>
  [...unlike.values()].map((one) => ({ id: one.id, name: one.name, transformation: one })),
);
const option = (prefix) => (id) => ({
  id: prefix + id,
  path: id,
  name: id,
  isCustom: prefix !== '',
  process: (value) => value,
  settings: {},
  shouldApply: () => true,
});
const options = new grafana.Registry(() => [
  ...['unit', 'links', 'mappings', 'displayName', 'noValue'].map(option('')),
  ...['width', 'cellOptions'].map(option('custom.')),
]);

// The data source makes such frames of an answer in the form `table`.
function frame(refId, rows, alone) {
  if (rows.length === 0) return grafana.toDataFrame({ refId, fields: [] });
  const labels = Object.keys(rows[0]).filter((name) => name !== 'Value');
  const field = (name, type, values, shown) => ({ name: shown || name, type, values });
  return grafana.toDataFrame({
    refId,
    fields: [
      field('Time', 'time', rows.map(() => 1)),
      ...labels.map((name) => field(name, 'string', rows.map((row) => row[name]))),
      field('Value', 'number', rows.map((row) => row.Value), alone ? 'Value' : `Value #${refId}`),
    ],
  });
}

// As Grafana fills in addresses: an unnamed format leaves `&`, `#` and `+` as they are.
function filled(text, scope) {
  return text.replace(/\$\{(\w+)((?:\.\w+)*)(?::(\w+))?\}/g, (_, name, path, format) => {
    if (name !== '__data') return `var-${name}=chosen`;
    const { frame: of, rowIndex } = scope.__dataContext.value;
    const fields = grafana.getFieldDisplayValuesProxy({ frame: of, rowIndex });
    const value = String(fields[path.split('.')[2]]);
    return format === 'percentencode' ? encodeURIComponent(value) : encodeURI(value);
  });
}

async function shown({ panel, rows }) {
  const alone = panel.targets.length === 1;
  const frames = Object.entries(rows).map(([refId, found]) => frame(refId, found, alone));
  const context = { interpolate: (text) => text };
  const made = await firstValueFrom(
    grafana.transformDataFrame(panel.transformations, frames, context),
  );
  const [done] = grafana.applyFieldOverrides({
    data: made,
    fieldConfig: panel.fieldConfig,
    fieldConfigRegistry: options,
    replaceVariables: filled,
    theme: grafana.createTheme(),
    timeZone: 'utc',
  });
  const cells = (field) =>
    field.values.map((value, valueRowIndex) => ({
      text: grafana.formattedValueToString(field.display(value)),
      link: field.config.links ? field.getLinks({ valueRowIndex })[0].href : null,
    }));
  const columns = done ? done.fields : [];
  return columns.map((field) => [grafana.getFieldDisplayName(field, done), cells(field)]);
}

async function main() {
  const asked = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  const known = new Set(
    grafana.getValueFormats().flatMap((group) => group.submenu.map((one) => one.value)),
  );
  const tables = [];
  for (const one of asked.tables) tables.push(Object.fromEntries(await shown(one)));
  const unknown = asked.units.filter((unit) => !known.has(unit));
  process.stdout.write(JSON.stringify({ tables, unknown }), () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
