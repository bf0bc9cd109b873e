/// Every command there is: help, completion and the reader of arguments know no other.
enum CommandTable {
  static let all: [Subcommand] =
    keys + users + cohorts + segments + Subcommand.campaigns + Subcommand.canvases + past
    + keeping + syncs + house

  private static let keys: [Subcommand] = [
    .enablePartner, .disablePartner, .listPartners, .issueKey, .listKeys, .invalidateKey,
  ]

  private static let users: [Subcommand] = [
    .importUsers, .applyRequests, .showUser, .importRequests,
  ]

  private static let cohorts: [Subcommand] = [
    .listCohorts, .archiveCohort, .restoreCohort, .members, .diff, .why, .history,
  ]

  private static let segments: [Subcommand] = [
    .createSegment, .updateSegment, .listSegments, .showSegment, .segmentMembers, .previewSegment,
    .archiveSegment, .restoreSegment,
  ]

  private static let past: [Subcommand] = [.showAudience, .verifyAudience, .log, .replay]

  private static let keeping: [Subcommand] = [
    .verify, .prove, .backup, .restore, .repair, .exportChanges, .erase, .forgetUnmatched,
  ]

  private static let syncs: [Subcommand] = [
    .runSync(.ofThisMachine), .checkSync, .syncStatus, .syncHistory, .serveSyncs(.ofThisMachine),
    .forward(.ofThisMachine),
  ]

  private static let house: [Subcommand] = [
    .serve, .follow, .console, .status, .demo, .help, .completion,
  ]
}
