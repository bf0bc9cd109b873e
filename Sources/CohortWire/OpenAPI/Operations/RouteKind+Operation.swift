internal import CohortModel

extension RouteKind {
  /// What the description of the interface says of it.
  ///
  /// One row for each route; the descriptions stand in one file for each subject.
  var operation: Operation {
    switch self {
    case .nameCohort: .nameCohort
    case .changeMembers: .changeMembers

    case .track: .track
    case .addAliases: .addAliases
    case .updateAliases: .updateAliases
    case .identify: .identify
    case .merge: .merge
    case .renameExternalIDs: .renameExternalIDs
    case .removeExternalIDs: .removeExternalIDs
    case .deleteUsers: .deleteUsers
    case .exportUsers: .exportUsers
    case .importUsers: .importUsers
    case .user: .user
    case .userHistory: .userHistory
    case .why: .why
    case .prove: .prove

    case .createSegment: .createSegment
    case .updateSegment: .updateSegment
    case .archiveSegment: .archiveSegment
    case .restoreSegment: .restoreSegment
    case .previewSegment: .previewSegment
    case .listSegments: .listSegments
    case .segmentDetails: .segmentDetails
    case .segmentVersions: .segmentVersions
    case .segmentSeries: .segmentSeries
    case .segmentMembers: .segmentMembers

    case .createCampaign: .create(.campaign)
    case .updateCampaign: .update(.campaign)
    case .archiveCampaign: .archive(.campaign)
    case .restoreCampaign: .restore(.campaign)
    case .launchCampaign: .launch(.campaign)
    case .listCampaigns: .list(.campaign)
    case .campaignDetails: .campaignDetails
    case .createCanvas: .create(.canvas)
    case .updateCanvas: .update(.canvas)
    case .archiveCanvas: .archive(.canvas)
    case .restoreCanvas: .restore(.canvas)
    case .launchCanvas: .launch(.canvas)
    case .listCanvases: .list(.canvas)
    case .canvasDetails: .canvasDetails
    case .audience: .audience

    case .listCohorts: .listCohorts
    case .cohort: .cohort
    case .cohortMembers: .cohortMembers
    case .cohortDiff: .cohortDiff
    case .cohortChanges: .cohortChanges
    case .cohortSizes: .cohortSizes
    case .archiveCohort: .archiveCohort
    case .restoreCohort: .restoreCohort
    case .dependants: .dependants

    case .issueKey: .issueKey
    case .invalidateKey: .invalidateKey
    case .listKeys: .listKeys
    case .keyActivity: .keyActivity
    case .enablePartner: .enablePartner
    case .disablePartner: .disablePartner
    case .listPartners: .listPartners
    case .erase: .erase
    case .forgetUnmatched: .forgetUnmatched

    case .preview: .preview
    case .request: .request
    case .events: .events
    case .log: .log
    case .treeHead: .treeHead
    case .treeInclusion: .treeInclusion
    case .treeConsistency: .treeConsistency
    case .status: .status
    case .health: .health
    case .metrics: .metrics
    case .openAPI: .openAPI
    case .console: .console
    case .consoleFile: .consoleFile
    case .session: .session
    case .signIn: .signIn
    case .signOut: .signOut
    }
  }
}
