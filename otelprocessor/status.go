// SPDX-License-Identifier: Apache-2.0

package oomkillprocessor

import (
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// What can be wrong with a running processor.
const (
	troubleFlush = iota // records of reports that timed out are refused, and sent again
	troubleDrop         // records were dropped
	numTroubles
)

// status reports the component's status to the host, only when it changes.
type status struct {
	mu       sync.Mutex
	host     component.Host // nil before Start
	troubles [numTroubles]error
}

// start sets the host that hears of changes.
func (s *status) start(host component.Host) {
	s.mu.Lock()
	s.host = host
	s.mu.Unlock()
}

// set notes that one thing is wrong, or with a nil error that it is right again.
func (s *status) set(trouble int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.first()
	s.troubles[trouble] = err
	is := s.first()
	switch {
	case s.host == nil:
	case was == nil && is != nil:
		componentstatus.ReportStatus(s.host, componentstatus.NewRecoverableErrorEvent(is))
	case was != nil && is == nil:
		componentstatus.ReportStatus(s.host, componentstatus.NewEvent(componentstatus.StatusOK))
	}
}

func (s *status) first() error {
	for _, err := range s.troubles {
		if err != nil {
			return err
		}
	}
	return nil
}
