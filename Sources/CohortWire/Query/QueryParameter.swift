/// A parameter that some route takes behind the `?`.
package enum QueryParameter: String, Hashable, Sendable, CaseIterable {
  // Where a question stands (CONTRACT part 0).
  case asOf = "as_of"
  case at, identity, definition

  // Pages.
  case limit, next, page
  case sortDirection = "sort_direction"
  case includeArchived = "include_archived"

  // Who and what.
  case externalID = "external_id"
  case aliasLabel = "alias_label"
  case aliasName = "alias_name"
  case deviceID = "device_id"
  case user, partner
  case cohortID = "cohort_id"
  case cohort, segment, search
  case segmentID = "segment_id"
  case campaignID = "campaign_id"
  case canvasID = "canvas_id"
  case sendID = "send_id"

  // Ranges and series.
  case from, to, points, length
  case endingAt = "ending_at"
  case position, size, verify
  case members, requests

  // The feed.
  case after, wait, types, identifiers

  /// What its value is, in the words of a message and of the description of the interface.
  package var meaning: String {
    switch self {
    case .asOf, .from, .to: "a position such as 41, or a time such as 2026-11-21T00:41:59Z"
    case .at: "a time such as 2026-11-21T00:41:59Z"
    case .endingAt: "a time such as 2026-11-21T00:41:59Z, or a date"
    case .identity, .definition: "'then' or 'now'"
    case .limit: "a whole number from 1 to 10000"
    case .next: "the 'next' of the page before"
    case .page: "a whole number from 0"
    case .sortDirection: "'asc' or 'desc'"
    case .includeArchived, .verify, .requests: "'true' or 'false'"
    case .members: "'all' or 'none'"
    case .externalID, .aliasLabel, .aliasName, .deviceID, .search: "a text of 1 to 1024 bytes"
    case .user: "a number such as 17, or user:17"
    case .partner: "the name of a partner such as hightouch"
    case .cohortID: "the id of a cohort"
    case .cohort: "a cohort such as hightouch/vip"
    case .segment, .segmentID: "a segment such as segment:3"
    case .campaignID: "a campaign such as campaign:3"
    case .canvasID: "a Canvas such as canvas:3"
    case .sendID: "a send such as send:3"
    case .points: "a whole number from 1 to 10000"
    case .length: "a whole number from 1 to 100"
    case .position, .size: "a whole number from 1"
    case .after: "a checkpoint such as 500@0000000c…, or a position"
    case .wait: "a whole number of seconds from 0 to 60"
    case .types: "types of events, with commas between them"
    case .identifiers: "'none' or 'all'"
    }
  }
}

extension RouteKind {
  /// What a route takes behind the `?`; anything else there is refused.
  package var parameters: [QueryParameter] {
    switch self {
    case .listSegments, .listCampaigns, .listCanvases:
      Self.moment + [.page, .sortDirection, .includeArchived, .search]
    case .segmentDetails: Self.moment + [.definition, .segmentID]
    case .segmentVersions: Self.moment + Self.pages + [.segmentID]
    case .segmentSeries: [.segmentID, .length, .endingAt]
    case .segmentMembers: Self.moment + Self.pages + [.identity, .definition, .segmentID]
    case .campaignDetails: Self.moment + [.campaignID]
    case .canvasDetails: Self.moment + [.canvasID]
    case .audience: Self.pages + [.identity, .verify]
    case .exportUsers: Self.moment + [.identity]
    case .previewSegment: Self.moment + [.definition]

    case .listCohorts: Self.moment + Self.pages + [.partner, .search, .includeArchived]
    case .cohort: Self.moment + [.cohortID]
    case .cohortMembers: Self.moment + Self.pages + [.cohortID, .identity]
    case .cohortDiff: Self.pages + [.cohortID, .from, .to, .identity]
    case .cohortChanges:
      Self.moment + Self.pages + [.cohortID, .sortDirection, .members, .requests]
    case .request: Self.pages + [.members]
    case .cohortSizes: Self.moment + [.cohortID, .from, .to, .points]
    case .user: Self.moment + [.identity] + Self.selector
    case .userHistory: Self.moment + Self.pages + [.identity] + Self.selector
    case .why:
      Self.moment + [.identity, .definition] + Self.selector
        + [.partner, .cohortID, .segmentID, .sendID]
    case .prove: Self.moment + [.identity] + Self.selector + [.partner, .cohortID]
    case .dependants: [.cohort, .segment]
    case .listKeys, .listPartners: Self.moment + Self.pages
    case .keyActivity: Self.moment + Self.pages
    case .treeHead: [.asOf, .at, .size]
    case .treeInclusion: [.position, .size]
    case .treeConsistency: [.from, .to]
    case .events: [.after, .limit, .wait, .types, .identifiers]

    case .preview, .log, .status, .health, .metrics, .openAPI,
      .console, .consoleFile, .session, .signIn, .signOut:
      []
    case .nameCohort, .changeMembers, .track, .addAliases, .updateAliases, .identify, .merge,
      .renameExternalIDs, .removeExternalIDs, .deleteUsers, .createSegment, .updateSegment,
      .archiveSegment, .restoreSegment, .createCampaign, .updateCampaign, .archiveCampaign,
      .restoreCampaign, .launchCampaign, .createCanvas, .updateCanvas, .archiveCanvas,
      .restoreCanvas, .launchCanvas, .importUsers, .archiveCohort, .restoreCohort, .issueKey,
      .invalidateKey, .enablePartner, .disablePartner, .erase, .forgetUnmatched:
      []
    }
  }

  private static var moment: [QueryParameter] { [.asOf, .at] }
  private static var pages: [QueryParameter] { [.limit, .next] }

  /// What names a user: one of them, both parts of an alias.
  private static var selector: [QueryParameter] {
    [.externalID, .aliasLabel, .aliasName, .deviceID, .user]
  }
}
