// A module of its own, since Grafana's SDK is no dependency of this project.
module github.com/oomtrail/oomtrail/deploy/grafana

go 1.26.0

require github.com/grafana/grafana-foundation-sdk/go v0.0.22
