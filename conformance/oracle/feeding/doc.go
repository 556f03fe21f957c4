// SPDX-License-Identifier: Apache-2.0

// Package feeding feeds the same log to the parser in several ways and demands the same of all of
// them: the same records in every attribute, the same verdict on each line, and the same reports
// pending wherever a chunk ends. A short cut is right if no way of feeding sees it.
package feeding
