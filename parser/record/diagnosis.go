package record

// addDiagnosis adds why it happened, and what to do.
func (b *Builder) addDiagnosis() {}
