// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// What can be wrong with a running receiver.
const (
	troubleSource = iota
	troubleDelivery
	numTroubles
)

// status reports the component's status to the host, only when it changes.
type status struct {
	mu       sync.Mutex
	host     component.Host
	troubles [numTroubles]error
}

// set notes that one thing is wrong, or with a nil error that it is right again.
func (s *status) set(trouble int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.first()
	s.troubles[trouble] = err
	is := s.first()
	switch {
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
