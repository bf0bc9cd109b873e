/// What a route is for.
///
/// Writes come first.
package enum RouteKind: Hashable, Sendable, CaseIterable {
  // CONTRACT part 1.
  case nameCohort, changeMembers

  // Part 2.
  case track, addAliases, updateAliases, identify, merge, renameExternalIDs, removeExternalIDs
  case deleteUsers
  case createSegment, updateSegment, archiveSegment, restoreSegment
  case createCampaign, updateCampaign, archiveCampaign, restoreCampaign, launchCampaign
  case createCanvas, updateCanvas, archiveCanvas, restoreCanvas, launchCanvas

  // Part 3.
  case importUsers
  case archiveCohort, restoreCohort
  case issueKey, invalidateKey
  case enablePartner, disablePartner
  case erase, forgetUnmatched

  // Reads of part 2.
  case exportUsers
  case previewSegment, listSegments, segmentDetails, segmentVersions, segmentSeries
  case segmentMembers
  case listCampaigns, campaignDetails, listCanvases, canvasDetails
  case audience

  // Reads of part 3.
  case listCohorts, cohort, cohortMembers, cohortDiff, cohortChanges, cohortSizes
  case user, userHistory, why, preview, request, dependants
  case listKeys, keyActivity, listPartners
  case events, log
  case treeHead, treeInclusion, treeConsistency, prove
  case status
  case health, metrics, openAPI

  // The console.
  case console, consoleFile
  case session, signIn, signOut

  /// Whether it may record something.
  package var isWrite: Bool {
    switch self {
    case .nameCohort, .changeMembers, .track, .addAliases, .updateAliases, .identify, .merge,
      .renameExternalIDs, .removeExternalIDs, .deleteUsers, .createSegment, .updateSegment,
      .archiveSegment, .restoreSegment, .createCampaign, .updateCampaign, .archiveCampaign,
      .restoreCampaign, .launchCampaign, .createCanvas, .updateCanvas, .archiveCanvas,
      .restoreCanvas, .launchCanvas, .importUsers, .archiveCohort, .restoreCohort, .issueKey,
      .invalidateKey, .enablePartner, .disablePartner, .erase, .forgetUnmatched:
      true
    case .exportUsers, .previewSegment, .listSegments, .segmentDetails, .segmentVersions,
      .segmentSeries, .segmentMembers, .listCampaigns, .campaignDetails, .listCanvases,
      .canvasDetails, .audience, .listCohorts, .cohort, .cohortMembers, .cohortDiff,
      .cohortChanges, .cohortSizes, .user, .userHistory, .why, .preview, .request, .dependants,
      .listKeys, .keyActivity, .listPartners, .events, .log, .treeHead, .treeInclusion,
      .treeConsistency, .prove, .status, .health, .metrics, .openAPI, .console, .consoleFile,
      .session, .signIn, .signOut:
      false
    }
  }

  /// Whether the keys stand in the body: part 1.
  package var hasKeysInBody: Bool { self == .nameCohort || self == .changeMembers }

  /// Whether a request must carry an idempotency key: a double click is one send (RULES §7).
  package var needsIdempotencyKey: Bool { self == .launchCampaign || self == .launchCanvas }

  /// Whether unknown fields and parameters are ignored: those who call the public interface add
  /// some.
  ///
  /// Not in a deletion, where an ignored one would pass for it (CONTRACT part 0).
  package var ignoresUnknown: Bool {
    switch self {
    case .nameCohort, .changeMembers, .track, .addAliases, .updateAliases, .identify, .merge,
      .renameExternalIDs, .removeExternalIDs:
      true
    default: false
    }
  }
}
