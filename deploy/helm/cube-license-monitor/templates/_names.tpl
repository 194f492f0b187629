{{/* The labels of everything, and those by which pods are chosen. */}}
{{- define "cubemon.selector" -}}
app.kubernetes.io/name: cube-license-monitor
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cubemon.labels" -}}
{{ include "cubemon.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The release's name is the name of everything in it. */}}
{{- define "cubemon.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* How people reach the monitor, and where links to runbooks begin. */}}
{{- define "cubemon.url" -}}
{{- .Values.http.url | default (printf "https://%s.%s.svc:%v" (include "cubemon.name" .) .Release.Namespace .Values.http.port) | trimSuffix "/" }}
{{- end }}

{{- define "cubemon.runbooks" -}}{{ include "cubemon.url" . }}/docs/runbooks/{{- end }}

{{/* The whole file of the monitor: what the user gives, and the parts that are the chart's. */}}
{{- define "cubemon.file" -}}
{{- $secrets := "/run/secrets/cubemon" }}
{{- $name := include "cubemon.name" . }}
{{- $hosts := list $name (printf "%s.%s" $name .Release.Namespace) (printf "%s.%s.svc" $name .Release.Namespace) }}
{{- $tls := dict "cert" (printf "%s/tls/tls.crt" $secrets) "key" (printf "%s/tls/tls.key" $secrets) }}
{{- $read := dict "name" "prometheus" "role" "read" "token" (dict "file" (printf "%s/tokens/prometheus" $secrets)) }}
{{- $operate := dict "name" "noc" "role" "operate" "token" (dict "file" (printf "%s/tokens/noc" $secrets)) }}
{{- $http := dict "host" "0.0.0.0" "port" .Values.http.port "url" (include "cubemon.url" .) "hosts" (concat $hosts .Values.http.hosts) "tls" $tls "tokens" (list $read $operate) }}
{{- $store := dict "directory" "/var/lib/cube-license-monitor" }}
{{- $listeners := list }}
{{- if .Values.syslog.udp }}{{ $listeners = append $listeners (dict "kind" "syslog_udp" "host" "0.0.0.0" "port" .Values.syslog.port) }}{{ end }}
{{- if .Values.syslog.tcp }}{{ $listeners = append $listeners (dict "kind" "syslog_tcp" "host" "0.0.0.0" "port" .Values.syslog.port) }}{{ end }}
{{- $collect := concat $listeners (.Values.config.collect | default list) }}
{{- toYaml (merge (dict "http" $http "store" $store "collect" $collect) .Values.config) }}
{{- end }}
