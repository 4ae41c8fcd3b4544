"""Writes dashboards as TypeScript whose types are Grafana's own schema: compiling it is the validation, and a field that
Grafana does not know is an error.

    dashboards_to_typescript.py DASHBOARD.json... > check.ts
"""

import json
import sys
from pathlib import Path

RAW = "@grafana/schema/dist/types/raw"
PANELS = {
    "timeseries": ("timeseries", "TimeSeries", True),
    "stat": ("stat", "Stat", False),
    "bargauge": ("bargauge", "BarGauge", False),
    "heatmap": ("heatmap", "Heatmap", True),
    "state-timeline": ("statetimeline", "StateTimeline", True),
}
PROMETHEUS_TARGET = """
type Target = { datasource: DataSourceRef; refId: string; expr: string; legendFormat: string; editorMode: 'code' | 'builder';
  range: boolean; instant: boolean; format?: 'time_series' | 'table' | 'heatmap' };"""
# JSON has no enums: where the schema says one, its values are meant.
PRELUDE = """
type Json<T> = T extends string ? `${T}` : T extends (infer U)[] ? Json<U>[]
  : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
type Custom<T> = Omit<FieldConfig, 'custom'> & { custom?: T };
type Of<Options, Custom_> = Json<Omit<Panel, 'options' | 'fieldConfig' | 'targets'>> & { options: Json<Options>;
  targets: Target[]; fieldConfig: { defaults: Json<Custom<Custom_>>; overrides: Json<FieldConfigSource['overrides']> } };
// Annotations of the Prometheus data source carry its own fields beside the schema's.
type Annotation = Json<AnnotationQuery> & { expr?: string; titleFormat?: string; textFormat?: string; step?: string;
  useValueForTime?: boolean };
type Head = Json<Omit<Dashboard, 'panels' | 'annotations' | 'id'>> & { annotations: { list: Annotation[] } };
type Row = Json<RowPanel>;"""


def imports():
    yield f"import type {{ AnnotationQuery, Dashboard, DataSourceRef, FieldConfig, FieldConfigSource, Panel, RowPanel }} from '{RAW}/dashboard/x/dashboard_types.gen';"
    for folder, name, custom in PANELS.values():
        fields = f"Options as {name}Options" + (f", FieldConfig as {name}Custom" if custom else "")
        yield f"import type {{ {fields} }} from '{RAW}/composable/{folder}/panelcfg/x/{name}PanelCfg_types.gen';"


def type_of(panel):
    if panel["type"] == "row":
        return "Row"
    _, name, custom = PANELS[panel["type"]]
    return f"Of<{name}Options, {name + 'Custom' if custom else 'Record<string, never>'}>"


def main():
    print("\n".join(imports()) + PROMETHEUS_TARGET + PRELUDE)
    for path in map(Path, sys.argv[1:]):
        dashboard = json.loads(path.read_text())
        panels = dashboard.pop("panels")
        print(f"// {path.name}\nexport const {path.stem}: Head = {json.dumps(dashboard)};")
        for panel in panels:
            print(f"// {path.name}: {panel['title']}")
            print(f"export const {path.stem}{panel['id']}: {type_of(panel)} = {json.dumps(panel)};")


if __name__ == "__main__":
    main()
