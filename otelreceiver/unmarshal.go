// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/confmap"
)

// Unmarshal reads a configuration. It refuses the block of a source that is not read, even an empty
// one: its author expects to read from there.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	keys := conf.ToStringMap()
	if err := movedKeys(keys); err != nil {
		return err
	}
	if err := conf.Unmarshal(c); err != nil {
		return err
	}
	var errs []error
	for _, block := range []string{sourceKmsg, sourceJournald, sourceFile} {
		if _, given := keys[block]; given && block != c.Source {
			errs = append(errs, fmt.Errorf("%s: has no effect with source %q: set source to %s, or remove it", block, c.Source, block))
		}
	}
	if _, given := keys["warnings"]; given && !conf.IsSet("warnings::enabled") {
		errs = append(errs, errors.New("warnings: has no effect without enabled: set warnings::enabled to true, or to false to keep the block for later"))
	}
	return errors.Join(errs...)
}

// movedKeys reports settings of a source that stand beside source, where they once were, and says
// where they belong.
func movedKeys(keys map[string]any) error {
	var errs []error
	for _, block := range []struct {
		name string
		keys []string
	}{
		{sourceKmsg, []string{"path"}},
		{sourceJournald, []string{"journalctl_path", "directory", "files", "namespace", "units"}},
		{sourceFile, []string{"include", "exclude", "format", "trusted_source", "location", "poll_interval"}},
	} {
		for _, key := range block.keys {
			if _, given := keys[key]; given {
				errs = append(errs, fmt.Errorf("%s: is now %s::%s: move it into the block %s", key, block.name, key, block.name))
			}
		}
	}
	return errors.Join(errs...)
}
