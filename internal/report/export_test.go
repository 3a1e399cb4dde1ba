package report

// RealisticRun is for tests from outside the package.
var RealisticRun = realisticRun

// LongBrief is the fullest page for those who decide.
func LongBrief() Document { return BriefDocument(awsBrief()) }
