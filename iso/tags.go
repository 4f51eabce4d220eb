package iso

import "treasury-switch/internal/fault"

// maxPrivate is the longest F48 in bytes (LLL ..999).
const maxPrivate = 999

// tagHead is a tag of three letters and its length in three digits.
const tagHead = 6

// Tagged is one tag of F48 in the terminal dialect, and its value.
type Tagged struct{ Tag, Value string }

// ParseTags splits F48 into its tags, in their order. Every part must be complete: three capital letters, three
// digits of length, and as many bytes. The error is of kind fault.Invalid and never contains the content.
func ParseTags(s string) ([]Tagged, error) {
	n, _, err := countTags(s)
	if err != nil || n == 0 {
		return nil, err
	}
	tags := make([]Tagged, 0, n)
	for rest := s; rest != ""; {
		var t Tagged
		t, rest = cutTag(rest)
		tags = append(tags, t)
	}
	return tags, nil
}

// countTags checks that every part of F48 is complete, and counts the tags and the lines of a quote among them.
func countTags(s string) (all, lines int, err error) {
	if len(s) > maxPrivate {
		return 0, 0, fault.New(fault.Invalid, "private data: longer than %d bytes", maxPrivate)
	}
	for at := 0; at < len(s); all++ {
		rest := s[at:]
		if len(rest) < tagHead || !every(rest[:3], isCapital) || !every(rest[3:tagHead], isDigit) {
			return 0, 0, fault.New(fault.Invalid, "private data: no tag of 3 letters and 3 digits at byte %d", at)
		}
		n := tagLength(rest)
		if len(rest) < tagHead+n {
			return 0, 0, fault.New(fault.Invalid, "private data: tag %s ends after the data", rest[:3])
		}
		if rest[:3] == "LIN" {
			lines++
		}
		at += tagHead + n
	}
	return all, lines, nil
}

// tagLength reads the length in the head of a tag.
func tagLength(head string) int { return int(head[3]-'0')*100 + pair(head[4:]) }

// cutTag takes the first tag off tags that have passed countTags.
func cutTag(s string) (t Tagged, rest string) {
	end := tagHead + tagLength(s)
	return Tagged{s[:3], s[tagHead:end]}, s[end:]
}
