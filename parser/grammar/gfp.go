package grammar

// DecodeGFP names the flags of a mask that a kernel of the given release printed without names
// (before 4.6), joined by "|", unknown bits last in hex. release is `uname -r` as the CPU line
// prints it; where it is empty the era is told from the mask itself, and when that is ambiguous the
// result is "".
func DecodeGFP(mask uint64, release string) string { return "" }
