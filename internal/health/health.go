// SPDX-License-Identifier: Apache-2.0

// Package health reports what is wrong with a running collector component to its host.
package health

import (
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// Status reports the status of a component to its host, only when the status changes. The zero
// value is ready to use, and reports nothing before Start. It is safe for concurrent use.
type Status struct {
	mu       sync.Mutex
	host     component.Host
	troubles []error // by the numbers that the component gives them
}

// Start sets the host that Set reports to.
func (s *Status) Start(host component.Host) {
	s.mu.Lock()
	s.host = host
	s.mu.Unlock()
}

// Set notes that the trouble with a number has begun, or with a nil error that it is over. Numbers
// start at 0. The status is OK while no trouble is there, else recoverable with the error of the
// lowest number.
func (s *Status) Set(trouble int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.first()
	for len(s.troubles) <= trouble {
		s.troubles = append(s.troubles, nil)
	}
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

// first returns the error of the trouble with the lowest number, nil for none.
func (s *Status) first() error {
	for _, err := range s.troubles {
		if err != nil {
			return err
		}
	}
	return nil
}
