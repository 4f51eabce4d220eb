package payment

// Alarms are the reasons that alert operators at once ([Observer.Alarm]).
var Alarms = []Reason{
	PostingFailed, DayClosed, AmountDiffers, UntrustedAnswer, PartialApproval, LateApproval, ConflictingWord, NotFoundButHeld,
	ReversalRejected, RefundClaimed, BrokenOff, ContentDiffers, AnswerMismatch, NetworkReversal, ForeignReversal, OriginalUnmatched,
	DayNotBelieved, KeyKept, NotEnded, StatementRefused,
}
