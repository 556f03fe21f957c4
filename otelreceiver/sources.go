// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

// newSource returns the reader of the configured kernel log.
func newSource(cfg *Config) source {
	switch cfg.Source {
	case sourceJournald:
		return newJournaldSource(cfg)
	case sourceFile:
		return newFileSource(cfg)
	default:
		return newKmsgSource(cfg)
	}
}
