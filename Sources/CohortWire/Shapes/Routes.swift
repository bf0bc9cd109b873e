internal import CohortModel

/// Every route there is, with the permission that it asks for.
///
/// CONTRACT parts 1 to 3.
package enum Routes {
  package static let all: [Route] = partners + users + segments + campaigns + ledger + house

  private static let partners = [
    Route(.post, "/partners/{partner}/cohorts", nil, .nameCohort),
    Route(.post, "/partners/{partner}/cohorts/users", nil, .changeMembers),
  ]

  private static let users = [
    Route(.post, "/users/track", .usersTrack, .track),
    Route(.post, "/users/alias/new", .usersAliasNew, .addAliases),
    Route(.post, "/users/alias/update", .usersAliasUpdate, .updateAliases),
    Route(.post, "/users/identify", .usersIdentify, .identify),
    Route(.post, "/users/merge", .usersMerge, .merge),
    Route(.post, "/users/external_ids/rename", .usersExternalIDsRename, .renameExternalIDs),
    Route(.post, "/users/external_ids/remove", .usersExternalIDsRemove, .removeExternalIDs),
    Route(.post, "/users/delete", .usersDelete, .deleteUsers),
    Route(.post, "/users/export/ids", .usersExportIDs, .exportUsers),
  ]

  private static let segments = [
    Route(.post, "/segments/create", .segmentsCreate, .createSegment),
    Route(.post, "/segments/update", .segmentsUpdate, .updateSegment),
    Route(.post, "/segments/archive", .segmentsArchive, .archiveSegment),
    Route(.post, "/segments/restore", .segmentsRestore, .restoreSegment),
    Route(.post, "/segments/preview", .segmentsPreview, .previewSegment),
    Route(.get, "/segments/list", .segmentsList, .listSegments),
    Route(.get, "/segments/details", .segmentsDetails, .segmentDetails),
    Route(.get, "/segments/versions", .segmentsVersions, .segmentVersions),
    Route(.get, "/segments/data_series", .segmentsDataSeries, .segmentSeries),
    Route(.get, "/segments/members", .segmentsMembers, .segmentMembers),
  ]

  private static let campaigns = [
    Route(.post, "/campaigns/create", .campaignsCreate, .createCampaign),
    Route(.post, "/campaigns/update", .campaignsUpdate, .updateCampaign),
    Route(.post, "/campaigns/archive", .campaignsArchive, .archiveCampaign),
    Route(.post, "/campaigns/restore", .campaignsRestore, .restoreCampaign),
    Route(.post, "/campaigns/launch", .campaignsLaunch, .launchCampaign),
    Route(.get, "/campaigns/list", .campaignsList, .listCampaigns),
    Route(.get, "/campaigns/details", .campaignsDetails, .campaignDetails),
    Route(.post, "/canvas/create", .canvasCreate, .createCanvas),
    Route(.post, "/canvas/update", .canvasUpdate, .updateCanvas),
    Route(.post, "/canvas/archive", .canvasArchive, .archiveCanvas),
    Route(.post, "/canvas/restore", .canvasRestore, .restoreCanvas),
    Route(.post, "/canvas/launch", .canvasLaunch, .launchCanvas),
    Route(.get, "/canvas/list", .canvasList, .listCanvases),
    Route(.get, "/canvas/details", .canvasDetails, .canvasDetails),
    Route(.get, "/audiences/{send_id}", .audiencesRead, .audience),
  ]

  /// `/ledger/preview` asks in addition for what the write in it asks for.
  ///
  /// Whoever may read the bytes
  /// of the log needs no more to follow it.
  private static let ledger = [
    Route(.post, "/ledger/users/import", .ledgerWrite, .importUsers),
    Route(.get, "/ledger/cohorts", .ledgerRead, .listCohorts),
    Route(.get, "/ledger/cohorts/{partner}/{cohort_id}", .ledgerRead, .cohort),
    Route(.get, "/ledger/cohorts/{partner}/{cohort_id}/members", .ledgerRead, .cohortMembers),
    Route(.get, "/ledger/cohorts/{partner}/{cohort_id}/diff", .ledgerRead, .cohortDiff),
    Route(.get, "/ledger/cohorts/{partner}/{cohort_id}/changes", .ledgerRead, .cohortChanges),
    Route(.get, "/ledger/cohorts/{partner}/{cohort_id}/sizes", .ledgerRead, .cohortSizes),
    Route(.post, "/ledger/cohorts/{partner}/{cohort_id}/archive", .ledgerWrite, .archiveCohort),
    Route(.post, "/ledger/cohorts/{partner}/{cohort_id}/restore", .ledgerWrite, .restoreCohort),
    Route(.get, "/ledger/users", .ledgerPeople, .user),
    Route(.get, "/ledger/users/history", .ledgerPeople, .userHistory),
    Route(.get, "/ledger/why", .ledgerPeople, .why),
    Route(.post, "/ledger/preview", .ledgerRead, .preview),
    Route(.get, "/ledger/requests/{position}", .ledgerRead, .request),
    Route(.get, "/ledger/dependants", .ledgerRead, .dependants),
    Route(.get, "/ledger/keys", .keysManage, .listKeys),
    Route(.post, "/ledger/keys", .keysManage, .issueKey),
    Route(.post, "/ledger/keys/{id}/invalidate", .keysManage, .invalidateKey),
    Route(.get, "/ledger/keys/{id}/activity", .keysManage, .keyActivity),
    Route(.get, "/ledger/partners", .ledgerRead, .listPartners),
    Route(.post, "/ledger/partners", .keysManage, .enablePartner),
    Route(.post, "/ledger/partners/{partner}/disable", .keysManage, .disablePartner),
    Route(.post, "/ledger/erase", .ledgerWrite, .erase),
    Route(.post, "/ledger/forget-unmatched", .ledgerWrite, .forgetUnmatched),
    Route(.get, "/ledger/events", .ledgerRead, .events, or: .ledgerLog),
    Route(.get, "/ledger/log", .ledgerLog, .log),
    Route(.get, "/ledger/tree/head", .ledgerRead, .treeHead, or: .ledgerLog),
    Route(.get, "/ledger/tree/inclusion", .ledgerRead, .treeInclusion, or: .ledgerLog),
    Route(.get, "/ledger/tree/consistency", .ledgerRead, .treeConsistency, or: .ledgerLog),
    Route(.get, "/ledger/prove", .ledgerPeople, .prove),
    Route(.get, "/ledger/status", .ledgerRead, .status, or: .ledgerLog),
  ]

  private static let house = [
    Route(.get, "/", nil, .console),
    Route(.get, "/console/{path}", nil, .consoleFile, takesRest: true),
    Route(.get, "/session", nil, .session),
    Route(.post, "/session", nil, .signIn),
    Route(.delete, "/session", nil, .signOut),
    Route(.get, "/health", nil, .health),
    Route(.get, "/metrics", .ledgerRead, .metrics),
    Route(.get, "/openapi.json", .ledgerRead, .openAPI),
  ]
}
