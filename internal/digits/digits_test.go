package digits

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLatin(t *testing.T) {
	require.Equal(t, "0123456789", Latin("۰۱۲۳۴۵۶۷۸۹"))
	require.Equal(t, "0123456789", Latin("٠١٢٣٤٥٦٧٨٩"))
	require.Equal(t, "خ12/الف٬3", Latin("خ۱٢/الف٬3"))
	require.Equal(t, "", Latin(""))
	require.Zero(t, testing.AllocsPerRun(10, func() { _ = Latin("plain 123 متن") }))
}

func TestOnly(t *testing.T) {
	for text, want := range map[string]bool{"": false, "0": true, "0123456789": true, "12a": false, "۱": false, "-1": false, " 1": false, "1:": false, "1/": false} {
		require.Equal(t, want, Only(text), text)
	}
}
