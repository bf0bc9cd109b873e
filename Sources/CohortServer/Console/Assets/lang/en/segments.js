// Segments.
export default {
  "segments.partnerCohorts": "{partner} Cohorts",
  "segments.noneFit": "Nothing fits",
  "segments.optionsFound": { one: "{n} result", other: "{n} results" },
  "segments.leaf.includes": "{filter}: in {cohorts}",
  "segments.leaf.excludes": "{filter}: not in {cohorts}",
  "segments.leaf.segment": "Segment Membership: in {segment}",
  "segments.leaf.entered": "{filter}: entered {cohort} at most {period} ago",
  "segments.leaf.left": "{filter}: left {cohort} at most {period} ago",
  "segments.leaf.member_for": "{filter}: in {cohort} for at least {period}",
  "segments.leaf.member_as_of": "{filter}: was in {cohort} at {moment}",
  "segments.group.and": "All of these",
  "segments.group.or": "Any of these",
  "segments.group.not": "None of these",
};
