module github.com/oomtrail/oomtrail/conformance/frontends/backends/victorialogs

go 1.24.1

tool github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-logs

require github.com/VictoriaMetrics/VictoriaMetrics v1.114.0

require (
	github.com/VictoriaMetrics/easyproto v0.1.4 // indirect
	github.com/VictoriaMetrics/metrics v1.35.2 // indirect
	github.com/VictoriaMetrics/metricsql v0.84.3 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/golang/snappy v1.0.0 // indirect
	github.com/klauspost/compress v1.18.0 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fastjson v1.6.4 // indirect
	github.com/valyala/fastrand v1.1.0 // indirect
	github.com/valyala/fasttemplate v1.2.2 // indirect
	github.com/valyala/histogram v1.2.0 // indirect
	github.com/valyala/quicktemplate v1.8.0 // indirect
	golang.org/x/sys v0.31.0 // indirect
)

replace cloud.google.com/go/storage => cloud.google.com/go/storage v1.43.0
