package import CohortModel

// Segments, campaigns and Canvases are ours: unknown fields are refused.

extension WriteRequest {
  init(saveSegment body: JSONValue, _ kind: RouteKind) throws(WireError) {
    let isNew = kind == .createSegment
    let fields = try Fields(
      body,
      known: (isNew ? [] : ["segment_id"])
        + ["name", "filter", "description", "tags", "expected_version"])
    let segment = isNew ? nil : try fields.segment("segment_id")
    let filter: NamedFilter?
    if let value = fields["filter"] { filter = try NamedFilter(json: value) } else { filter = nil }
    self.init(
      kind,
      .wish(
        .saveSegment(
          SaveSegment(
            segment: segment, name: try fields.text("name"),
            description: try fields.text("description"), tags: try fields.texts("tags"),
            filter: filter, expectedVersion: try fields.number("expected_version")))))
  }

  init(archiveSegment body: JSONValue, _ kind: RouteKind) throws(WireError) {
    let segment = try Fields(body, known: ["segment_id"]).segment("segment_id")
    self.init(
      kind, .wish(kind == .archiveSegment ? .archiveSegment(segment) : .restoreSegment(segment)))
  }

  init(saveCampaign body: JSONValue, _ kind: RouteKind) throws(WireError) {
    let isNew = kind == .createCampaign || kind == .createCanvas
    let campaignKind = kind.campaignKind
    let fields = try Fields(
      body,
      known: (isNew ? [] : [campaignKind.idKey])
        + ["name", "audience", "description", "tags", "expected_version"])
    let number = isNew ? nil : try fields.campaign(campaignKind).number
    let audience: SaveCampaign.NamedAudience?
    if let value = fields["audience"] {
      audience = try SaveCampaign.NamedAudience(json: value)
    } else {
      audience = nil
    }
    self.init(
      kind,
      .wish(
        .saveCampaign(
          SaveCampaign(
            kind: campaignKind, number: number, name: try fields.text("name"),
            description: try fields.text("description"), tags: try fields.texts("tags"),
            audience: audience, expectedVersion: try fields.number("expected_version")))))
  }

  /// Archiving and restoring name a campaign or Canvas and say no more; launching may say of which
  /// version.
  init(onCampaign body: JSONValue, _ kind: RouteKind) throws(WireError) {
    let campaignKind = kind.campaignKind
    let isLaunch = kind == .launchCampaign || kind == .launchCanvas
    let fields = try Fields(
      body, known: [campaignKind.idKey] + (isLaunch ? ["expected_version"] : []))
    let campaign = try fields.campaign(campaignKind)
    let action: Action =
      switch kind {
      case .archiveCampaign, .archiveCanvas: .wish(.archiveCampaign(campaign))
      case .restoreCampaign, .restoreCanvas: .wish(.restoreCampaign(campaign))
      default: .launch(campaign, expecting: try fields.number("expected_version"))
      }
    self.init(kind, action)
  }
}

extension SaveCampaign.NamedAudience {
  package init(json: JSONValue, at place: String = "audience") throws(WireError) {
    let fields = try Fields(json, at: place, known: ["segments", "filter"])
    guard let segments = try fields.texts("segments") else {
      throw .missing(fields.name("segments"), "an array of segment ids")
    }
    let filter: NamedFilter?
    if let value = fields["filter"] {
      filter = try NamedFilter(json: value, at: fields.name("filter"))
    } else {
      filter = nil
    }
    self.init(segments: segments, filter: filter)
  }

  package init(_ audience: Audience, cohort: (CohortID) -> CohortName) {
    self.init(
      segments: audience.segments.map { Text($0.description) },
      filter: audience.filter.map { NamedFilter($0, cohort: cohort) })
  }
}

extension JSONWriter {
  package mutating func audience(_ audience: SaveCampaign.NamedAudience) {
    object { json in
      json.member("segments", audience.segments)
      if let filter = audience.filter {
        json.key("filter")
        json.filter(filter)
      }
    }
  }
}

extension RouteKind {
  /// Of a route about campaigns or Canvases: which.
  var campaignKind: CampaignKind {
    switch self {
    case .createCanvas, .updateCanvas, .archiveCanvas, .restoreCanvas, .launchCanvas: .canvas
    default: .campaign
    }
  }
}

extension CampaignKind {
  /// The field that names one.
  package var idKey: String { self == .campaign ? "campaign_id" : "canvas_id" }
}

extension Fields {
  func segment(_ key: String) throws(WireError) -> SegmentID {
    let text = try requiredText(key)
    guard let segment = SegmentID(text.description) else {
      throw WireError(.unknownSegment(text, nearest: nil), subject: .segment(text))
    }
    return segment
  }

  func campaign(_ kind: CampaignKind) throws(WireError) -> CampaignReference {
    let text = try requiredText(kind.idKey)
    guard let campaign = CampaignReference(text.description), campaign.kind == kind else {
      let shown = TerminalText.escaped(String(text.description.prefix(64)))
      throw WireError(
        404, "There is no \(kind.name) '\(shown)'. Name it as in \(kind.name):3.")
    }
    return campaign
  }
}
