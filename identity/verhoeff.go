package identity

// The tables of the check by J. Verhoeff, "Error Detecting Decimal Codes"
// (Amsterdam, 1969): multiplication in the dihedral group D5, the inverse of
// each element, and the permutation applied position by position.
var (
	verhoeffProduct = [10][10]byte{
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
		{1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
		{2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
		{3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
		{4, 0, 1, 2, 3, 9, 5, 6, 7, 8},
		{5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
		{6, 5, 9, 8, 7, 1, 0, 4, 3, 2},
		{7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
		{8, 7, 6, 5, 9, 3, 2, 1, 0, 4},
		{9, 8, 7, 6, 5, 4, 3, 2, 1, 0},
	}
	verhoeffInverse = [10]byte{0, 4, 3, 2, 1, 5, 6, 7, 8, 9}
	verhoeffShuffle = [8][10]byte{
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
		{1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
		{5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
		{8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
		{9, 4, 5, 3, 1, 2, 6, 8, 7, 0},
		{4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
		{2, 7, 9, 3, 8, 0, 6, 4, 1, 5},
		{7, 0, 4, 6, 9, 1, 3, 2, 5, 8},
	}
)

// Verhoeff returns the check digit, '0' to '9', of a text of Latin digits. It
// detects every single wrong digit and every exchange of neighbours. Other
// characters are a bug of the caller and panic.
func Verhoeff(digits string) byte {
	var check byte
	for i := range len(digits) {
		d := digits[len(digits)-1-i] - '0'
		check = verhoeffProduct[check][verhoeffShuffle[(i+1)%8][d]]
	}
	return '0' + verhoeffInverse[check]
}
