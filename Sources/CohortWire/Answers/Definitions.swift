package import CohortModel

// Segments, campaigns and Canvases as they are listed and described. CONTRACT part 2.

/// A segment at a position, with what was computed for it.
package struct SegmentShape: Hashable, Sendable {
  package var segment: SegmentSaved
  package var filter: NamedFilter
  /// The filter as a sentence.
  package var sentence: String
  package var createdAt: Instant
  package var updatedAt: Instant
  package var size: Int
  package var isArchived: Bool
  package var asOf: AsOfShape

  package init(
    segment: SegmentSaved, filter: NamedFilter, sentence: String, createdAt: Instant,
    updatedAt: Instant, size: Int, isArchived: Bool, asOf: AsOfShape
  ) {
    self.segment = segment
    self.filter = filter
    self.sentence = sentence
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.size = size
    self.isArchived = isArchived
    self.asOf = asOf
  }
}

/// A campaign or Canvas at a position.
package struct CampaignShape: Hashable, Sendable {
  package var campaign: CampaignSaved
  package var audience: SaveCampaign.NamedAudience
  package var createdAt: Instant
  package var updatedAt: Instant
  package var isArchived: Bool
  /// Its launches with their times, in order.
  package var sends: [Send]
  package var asOf: AsOfShape

  package struct Send: Hashable, Sendable {
    package var id: SendID
    package var time: Instant
    package var size: UInt64

    package init(id: SendID, time: Instant, size: UInt64) {
      self.id = id
      self.time = time
      self.size = size
    }
  }

  package init(
    campaign: CampaignSaved, audience: SaveCampaign.NamedAudience, createdAt: Instant,
    updatedAt: Instant, isArchived: Bool, sends: [Send], asOf: AsOfShape
  ) {
    self.campaign = campaign
    self.audience = audience
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.isArchived = isArchived
    self.sends = sends
    self.asOf = asOf
  }
}

extension JSONWriter {
  /// Writes an item of `/segments/list`.
  package mutating func listed(_ segment: SegmentSaved) {
    object { json in
      json.member("id", segment.segment.description)
      json.member("name", utf8: segment.name.bytes)
      json.member("analytics_tracking_enabled", false)
      json.member("tags", segment.tags)
    }
  }

  /// Writes the answer of `/segments/details`.
  package mutating func details(_ shape: SegmentShape) {
    object { json in
      json.member("message", "success")
      json.member("segment_id", shape.segment.segment.description)
      json.member("created_at", shape.createdAt)
      json.member("updated_at", shape.updatedAt)
      json.member("name", utf8: shape.segment.name.bytes)
      json.member("description", shape.sentence)
      json.member("text_description", utf8: shape.segment.description.bytes)
      json.member("tags", shape.segment.tags)
      json.member("teams", [])
      json.key("filter")
      json.filter(shape.filter)
      json.member("size", shape.size)
      json.member("version", shape.segment.version)
      json.member("archived", shape.isArchived)
      json.asOf(shape.asOf)
    }
  }

  /// Writes a version of `/segments/versions`.
  package mutating func version(
    _ segment: SegmentSaved, at position: Position, _ time: Instant, _ filter: NamedFilter
  ) {
    object { json in
      json.member("version", segment.version)
      json.member("position", position)
      json.member("time", time)
      json.member("name", utf8: segment.name.bytes)
      json.member("text_description", utf8: segment.description.bytes)
      json.member("tags", segment.tags)
      json.key("filter")
      json.filter(filter)
    }
  }

  /// Writes an item of `/campaigns/list` or `/canvas/list`.
  package mutating func listed(_ shape: CampaignShape) {
    object { json in
      json.member("id", shape.campaign.campaign.description)
      json.member("name", utf8: shape.campaign.name.bytes)
      json.member("last_edited", shape.updatedAt)
      json.member("is_api_campaign", false)
      json.member("tags", shape.campaign.tags)
    }
  }

  /// Writes the answer of `/campaigns/details` or `/canvas/details`.
  package mutating func details(_ shape: CampaignShape) {
    let isCanvas = shape.campaign.campaign.kind == .canvas
    object { json in
      json.member("message", "success")
      json.member(shape.campaign.campaign.kind.idKey, shape.campaign.campaign.description)
      json.member("created_at", shape.createdAt)
      json.member("updated_at", shape.updatedAt)
      json.member("archived", shape.isArchived)
      json.member("draft", shape.sends.isEmpty)
      json.member("enabled", true)
      json.member("name", utf8: shape.campaign.name.bytes)
      json.member("description", utf8: shape.campaign.description.bytes)
      json.member("schedule_type", "time_based")
      if isCanvas {
        json.member("variants", [])
        json.member("steps", [])
      } else {
        json.member("channels", [])
        json.member("messages", [:])
        json.member("conversion_behaviors", [])
      }
      json.member(isCanvas ? "first_entry" : "first_sent", shape.sends.first?.time)
      json.member(isCanvas ? "last_entry" : "last_sent", shape.sends.last?.time)
      json.member("tags", shape.campaign.tags)
      json.member("teams", [])
      json.key("audience")
      json.audience(shape.audience)
      json.member("version", shape.campaign.version)
      json.key("sends")
      json.array { json in
        for send in shape.sends {
          json.object {
            $0.member("send_id", send.id.description)
            $0.member("time", send.time)
            $0.member("size", send.size)
          }
        }
      }
      json.asOf(shape.asOf)
    }
  }

  /// Writes the answer of `/users/export/ids` for one user.
  package mutating func exported(
    _ user: UserShape, cohorts: [CohortName], segments: [SegmentID]
  ) {
    object { json in
      json.member("user", user.user.rawValue)
      json.personal("external_id", user.externalID ?? .erased)
      json.key("user_aliases")
      json.array {
        for alias in user.aliases { $0.identifier(.alias(label: alias.label, name: alias.name)) }
      }
      json.key("devices")
      json.array { for device in user.devices { $0.identifier(.device(device)) } }
      json.key("cohorts")
      json.array { json in for cohort in cohorts { json.object { $0.cohort(cohort) } } }
      json.key("segments")
      json.array { for segment in segments { $0.string(segment.description) } }
    }
  }
}
