import CohortModel
import CohortWire

extension Service {
  /// The function that answers a kind of question; `nil` for what is none.
  ///
  /// One row for each route that only reads; one file of this folder for each subject.
  func reading(_ kind: RouteKind) -> Reading? {
    switch kind {
    case .preview: preview
    case .status: status
    case .metrics: metrics

    case .exportUsers: { try $0.exportUsers() }
    case .previewSegment: { try $0.previewSegment() }
    case .listSegments: { try $0.listSegments() }
    case .segmentDetails: { try $0.segmentDetails() }
    case .segmentVersions: { try $0.segmentVersions() }
    case .segmentSeries: { try $0.segmentSeries() }
    case .segmentMembers: { try $0.segmentMembers() }
    case .listCampaigns: { try $0.campaigns(.campaign) }
    case .campaignDetails: { try $0.campaign(.campaign) }
    case .listCanvases: { try $0.campaigns(.canvas) }
    case .canvasDetails: { try $0.campaign(.canvas) }
    case .audience: { try $0.audience() }

    case .listCohorts: { try $0.cohorts() }
    case .cohort: { try $0.cohort() }
    case .cohortMembers: { try $0.cohortMembers() }
    case .cohortDiff: { try $0.cohortDiff() }
    case .cohortChanges: { try $0.cohortChanges() }
    case .cohortSizes: { try $0.cohortSizes() }
    case .user: { try $0.user() }
    case .userHistory: { try $0.userHistory() }
    case .why: { try $0.why() }
    case .request: { try $0.request() }
    case .dependants: { try $0.dependants() }
    case .listKeys: { try $0.keys() }
    case .keyActivity: { try $0.keyActivity() }
    case .listPartners: { try $0.partners() }
    case .treeHead: { try $0.treeHead() }
    case .treeInclusion: { try $0.treeInclusion() }
    case .treeConsistency: { try $0.treeConsistency() }
    case .prove: { try $0.prove() }

    case .events: events
    case .log: rawLog
    case .openAPI: openAPI

    // Writes, and what needs no permission.
    case .nameCohort, .changeMembers, .track, .addAliases, .updateAliases, .identify, .merge,
      .renameExternalIDs, .removeExternalIDs, .deleteUsers, .createSegment, .updateSegment,
      .archiveSegment, .restoreSegment, .createCampaign, .updateCampaign, .archiveCampaign,
      .restoreCampaign, .launchCampaign, .createCanvas, .updateCanvas, .archiveCanvas,
      .restoreCanvas, .launchCanvas, .importUsers, .archiveCohort, .restoreCohort, .issueKey,
      .invalidateKey, .enablePartner, .disablePartner, .erase, .forgetUnmatched, .health,
      .console, .consoleFile, .session, .signIn, .signOut:
      nil
    }
  }
}
