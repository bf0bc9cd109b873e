// Segments.
export default {
  "segments.partnerCohorts": "{partner} Cohorts (coortes {partner})",
  "segments.noneFit": "Nada corresponde",
  "segments.optionsFound": { one: "{n} resultado", many: "{n} de resultados", other: "{n} resultados" },
  "segments.leaf.includes": "{filter}: em {cohorts}",
  "segments.leaf.excludes": "{filter}: não em {cohorts}",
  "segments.leaf.segment": "Participação em segmento: em {segment}",
  "segments.leaf.entered": "{filter}: entrou em {cohort} há no máximo {period}",
  "segments.leaf.left": "{filter}: saiu de {cohort} há no máximo {period}",
  "segments.leaf.member_for": "{filter}: em {cohort} há pelo menos {period}",
  "segments.leaf.member_as_of": "{filter}: estava em {cohort} em {moment}",
  "segments.group.and": "Todos estes",
  "segments.group.or": "Qualquer um destes",
  "segments.group.not": "Nenhum destes",
};
