import CohortLedger
import CohortModel
import CohortWire

// Campaigns and Canvases as they are listed and described: CONTRACT part 2.

extension Question {
  /// A page of 100; archived ones with `include_archived=true`; those alone that a search finds, if
  /// there is one.
  func campaigns(_ kind: CampaignKind) throws -> Answered {
    let standing = try standing()
    let view = standing.view
    let all = try standing.query.flag(.includeArchived)
    let search = try standing.query.search()
    let campaigns = view.state.campaigns.records(of: kind).indices
      .compactMap { view.shape(of: CampaignReference(kind: kind, number: UInt32($0 + 1))) }
      .filter { all || !$0.isArchived }
      .filter { search?.finds($0.campaign.name, $0.campaign.campaign, $0.campaign.tags) ?? true }
    let page = try standing.page(of: campaigns)
    return .object(at: view.position) { json in
      json.member("message", "success")
      json.asOf(view.asOfShape)
      json.key(kind == .campaign ? "campaigns" : "canvases")
      json.array { json in for campaign in page { json.listed(campaign) } }
    }
  }

  func campaign(_ kind: CampaignKind) throws -> Answered {
    let standing = try standing()
    let parameter = kind == .campaign ? QueryParameter.campaignID : .canvasID
    guard let text = standing.query[parameter] else { throw WireError.lacking(parameter) }
    guard let campaign = CampaignReference(text.description), campaign.kind == kind else {
      throw WireError.bad(parameter)
    }
    guard let shape = standing.view.shape(of: campaign) else {
      throw standing.view.absence(of: campaign)
    }
    return .value(at: standing.view.position) { $0.details(shape) }
  }
}

extension View {
  fileprivate func absence(of campaign: CampaignReference) -> WireError {
    guard state.campaigns.contains(campaign),
      let first = state.campaigns[campaign].versions.all.first
    else { return WireError(Refusal.unknownCampaign(campaign)) }
    return WireError(
      404, "\(campaign) did not exist yet at \(position). Ask from \(first.position) on.",
      [JSONText.Member("from", .integer(Int64(clamping: first.position.rawValue)))])
  }
}
