{{- define "flaghoist.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "flaghoist.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "flaghoist.labels" -}}
{{ include "flaghoist.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "flaghoist.secret" -}}
{{- .Values.existingSecret | default (include "flaghoist.name" .) }}
{{- end }}

{{- define "flaghoist.account" -}}
{{- .Values.serviceAccount.name | default (ternary (include "flaghoist.name" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{/* What several nodes cannot do without; said when the chart is rendered rather than when results are wrong. */}}
{{- define "flaghoist.check" -}}
{{- $nodes := int .Values.replicas }}
{{- if and .Values.lake.url .Values.lake.existingClaim }}{{ fail "lake.url and lake.existingClaim: set one of them" }}{{ end }}
{{- if and .Values.serviceMonitor.enabled (not .Values.existingSecret) (not .Values.secrets.metricsToken) }}{{ fail "serviceMonitor needs secrets.metricsToken: figures are not for everybody" }}{{ end }}
{{- $keys := .Values.secrets }}
{{- if ne (empty $keys.awsAccessKeyId) (empty $keys.awsSecretAccessKey) }}{{ fail "secrets.awsAccessKeyId and secrets.awsSecretAccessKey: set both or neither" }}{{ end }}
{{- if and .Values.lake.credentialsSecret (not .Values.lake.url) }}{{ fail "lake.credentialsSecret is for lake.url, which is not set" }}{{ end }}
{{- if and .Values.certificates.existingSecret .Values.certificates.existingConfigMap }}{{ fail "certificates: set one of existingSecret and existingConfigMap" }}{{ end }}
{{- if gt $nodes 1 }}
{{- if not .Values.existingSecret }}
{{- if not .Values.secrets.databaseUrl }}{{ fail (printf "%d replicas need secrets.databaseUrl: SQLite is for one node" $nodes) }}{{ end }}
{{- if not .Values.secrets.secretKey }}{{ fail (printf "%d replicas need secrets.secretKey, the same for all (openssl rand -base64 32)" $nodes) }}{{ end }}
{{- end }}
{{- if not (or .Values.lake.url .Values.lake.existingClaim) }}{{ fail (printf "%d replicas need lake.url or lake.existingClaim: facts are shared" $nodes) }}{{ end }}
{{- end }}
{{- end }}
