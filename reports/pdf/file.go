package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

// file collects the objects of a PDF (ISO 32000-1, 7.5).
type file struct {
	bytes.Buffer
	offsets []int // of object i+1
}

func newFile() *file {
	f := &file{}
	// The four high bytes tell programs that the file is not text.
	f.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	return f
}

// reserve gives a number to an object that is written later, by set.
func (f *file) reserve() int {
	f.offsets = append(f.offsets, 0)
	return len(f.offsets)
}

// set writes an object under a number reserved before.
func (f *file) set(number int, body string) {
	f.offsets[number-1] = f.Len()
	fmt.Fprintf(f, "%d 0 obj\n%s\nendobj\n", number, body)
}

// object writes an object and returns its number.
func (f *file) object(body string) int {
	number := f.reserve()
	f.set(number, body)
	return number
}

// stream writes data compressed, with further entries of its dictionary.
func (f *file) stream(entries string, data []byte) int {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write(data) // a buffer takes everything
	_ = w.Close()
	return f.object(fmt.Sprintf("<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream", packed.Len(), entries, packed.Bytes()))
}

// finish writes the table of objects and the trailer, and all of it to w. The
// file's identifier is a hash of it, so that the same document is the same file.
func (f *file) finish(w io.Writer, root, info int) error {
	sum := sha256.Sum256(f.Bytes())
	start := f.Len()
	fmt.Fprintf(f, "xref\n0 %d\n0000000000 65535 f \n", len(f.offsets)+1)
	for _, offset := range f.offsets {
		fmt.Fprintf(f, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(f, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%X> <%X>] >>\nstartxref\n%d\n%%%%EOF\n",
		len(f.offsets)+1, root, info, sum[:16], sum[:16], start)
	if _, err := w.Write(f.Bytes()); err != nil {
		return fault.New(fault.Unavailable, "write PDF: %w", err)
	}
	return nil
}

// information is the dictionary of the document's properties.
func information(title string, made time.Time) string {
	entries := "/Title " + textString(title) + " /Producer " + textString("treasury-switch")
	if !made.IsZero() {
		entries += " /CreationDate (D:" + made.In(calendar.Tehran).Format("20060102150405") + "+03'30')"
	}
	return "<< " + entries + " >>"
}
