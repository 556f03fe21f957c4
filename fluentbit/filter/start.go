package filter

import "github.com/oomtrail/oomtrail/parser"

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
	if s.Trust == parser.TrustKernel {
		log(LevelWarn, "Trust kernel: in_kmsg and plain text do not tell who wrote a line, so that no record comes of them")
	}
	log(LevelInfo, "version "+version+": "+s.String())
	return f, nil
}
