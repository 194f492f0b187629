// What Grafana's own types say of a dashboard as it is written in JSON.
import type { AnnotationQuery, Dashboard, Panel, RowPanel } from '@grafana/schema';
import type * as Stat from '@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/types.gen';
import type * as StateTimeline from '@grafana/schema/dist/types/raw/composable/statetimeline/panelcfg/x/types.gen';
import type * as Table from '@grafana/schema/dist/types/raw/composable/table/panelcfg/x/types.gen';
import type * as TimeSeries from '@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/types.gen';

// In JSON an enumeration is its text.
export type Written<T> = T extends string
  ? `${T}`
  : T extends number | boolean | null | undefined
    ? T
    : T extends ReadonlyArray<infer E>
      ? Written<E>[]
      : T extends object
        ? { [K in keyof T]: Written<T[K]> }
        : T;

type Kind<K extends string, O, F = Record<string, unknown>> = Omit<
  Panel<Record<string, unknown>, F>,
  'type' | 'options'
> & { type: K; options: Partial<O> };

// The Prometheus data source reads these beside what every annotation has.
type Prometheus = AnnotationQuery<{ refId: string; expr: string; interval: string }> & {
  titleFormat: string;
  textFormat: string;
  useValueForTime: boolean;
};

export type Ours = Written<
  Omit<Dashboard, 'panels' | 'annotations'> & {
    annotations: { list: Prometheus[] };
    panels: Array<
      | RowPanel
      | Kind<'stat', Stat.Options>
      | Kind<'table', Table.Options, Partial<Table.FieldConfig>>
      | Kind<'state-timeline', StateTimeline.Options, Partial<StateTimeline.FieldConfig>>
      | Kind<'timeseries', TimeSeries.Options, Partial<TimeSeries.FieldConfig>>
    >;
  }
>;
