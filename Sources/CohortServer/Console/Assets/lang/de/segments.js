// Segments.
export default {
  "segments.partnerCohorts": "{partner} Cohorts ({partner}-Kohorten)",
  "segments.noneFit": "Nichts passt",
  "segments.optionsFound": { one: "{n} Treffer", other: "{n} Treffer" },
  "segments.leaf.includes": "{filter}: in {cohorts}",
  "segments.leaf.excludes": "{filter}: nicht in {cohorts}",
  "segments.leaf.segment": "Segmentzugehörigkeit: in {segment}",
  "segments.leaf.entered": "{filter}: in {cohort} eingetreten (vor höchstens {period})",
  "segments.leaf.left": "{filter}: aus {cohort} ausgetreten (vor höchstens {period})",
  "segments.leaf.member_for": "{filter}: in {cohort} (mindestens {period} lang)",
  "segments.leaf.member_as_of": "{filter}: war in {cohort} bei {moment}",
  "segments.group.and": "Alles davon",
  "segments.group.or": "Mindestens eines davon",
  "segments.group.not": "Nichts davon",
};
