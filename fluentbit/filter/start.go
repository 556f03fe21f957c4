// SPDX-License-Identifier: Apache-2.0

package filter

// Check reads the settings as [Start] does, and makes nothing.
func Check(get func(key string) string, given []string) error {
	s, err := ParseSettings(get, given)
	if err != nil {
		return err
	}
	f, err := New(s, func(Level, string) {})
	if err == nil {
		f.share.Leave()
	}
	return err
}

// Start reads the settings, makes an instance and says so in the log.
func Start(version string, get func(key string) string, given []string, log Logger) (*Filter, error) {
	s, err := ParseSettings(get, given)
	if err != nil {
		return nil, err
	}
	f, err := New(s, log)
	if err != nil {
		return nil, err
	}
	log(LevelInfo, "version "+version+": "+s.String())
	return f, nil
}
