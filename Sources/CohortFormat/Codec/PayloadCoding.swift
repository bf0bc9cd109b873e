import CohortModel

/// A payload, or a part of one: how it is written and how it is read, side by side.
///
/// Storage/FORMAT.md, section 6, is the authority. What is read is what was written, byte for byte.
protocol PayloadCoding {
  func encode(to writer: inout PayloadWriter)
  init(from reader: inout PayloadReader, _ bytes: Span<UInt8>) throws(EventFlaw)
}

extension PayloadReader {
  @inline(__always)
  mutating func value<Value: PayloadCoding>(
    _ bytes: Span<UInt8>, _ type: Value.Type = Value.self
  ) throws(EventFlaw) -> Value {
    try Value(from: &self, bytes)
  }

  mutating func values<Value: PayloadCoding>(
    _ bytes: Span<UInt8>, _ type: Value.Type = Value.self
  ) throws(EventFlaw) -> [Value] {
    try list(bytes) { reader, bytes throws(EventFlaw) in try Value(from: &reader, bytes) }
  }
}

extension PayloadWriter {
  mutating func values<Value: PayloadCoding>(_ values: [Value]) {
    list(values) { $1.encode(to: &$0) }
  }
}

extension Event {
  @inline(__always)
  func encodePayload(to writer: inout PayloadWriter) {
    switch self {
    case .membersChanged(let event): event.encode(to: &writer)
    case .userCreated(let event): event.encode(to: &writer)
    case .identifierAdded(let event): event.encode(to: &writer)
    case .identifierRemoved(let event): event.encode(to: &writer)
    case .externalIDRenamed(let event): event.encode(to: &writer)
    case .userIdentified(let event): event.encode(to: &writer)
    case .usersMerged(let event): event.encode(to: &writer)
    case .userDeleted(let event): event.encode(to: &writer)
    case .userErased(let event): event.encode(to: &writer)
    case .erasureFinished(let event): event.encode(to: &writer)
    case .unmatchedForgotten(let event): event.encode(to: &writer)
    case .partnerEnabled(let event): event.encode(to: &writer)
    case .partnerDisabled(let partner): writer.id(partner)
    case .keyIssued(let event): event.encode(to: &writer)
    case .keyInvalidated(let key): writer.id(key)
    case .cohortNamed(let event): event.encode(to: &writer)
    case .cohortArchived(let cohort): writer.id(cohort)
    case .cohortRestored(let cohort): writer.id(cohort)
    case .segmentSaved(let event): event.encode(to: &writer)
    case .segmentArchived(let segment): writer.id(segment)
    case .segmentRestored(let segment): writer.id(segment)
    case .campaignSaved(let event): event.encode(to: &writer)
    case .campaignArchived(let campaign): campaign.encode(to: &writer)
    case .campaignRestored(let campaign): campaign.encode(to: &writer)
    case .audienceFrozen(let event): event.encode(to: &writer)
    case .recovered(let event): event.encode(to: &writer)
    case .restored(let event): event.encode(to: &writer)
    }
  }

  /// About how many bytes the payload takes.
  var expectedPayloadSize: Int {
    guard case .membersChanged(let event) = self else { return 64 }
    return event.users.bytes.count + 10 + 40 * event.unmatched.count
  }
}

extension PayloadReader {
  /// Reads the payload of an event of `kind`.
  mutating func event(
    _ kind: EventKind, _ bytes: Span<UInt8>
  ) throws(EventFlaw) -> Event {
    switch kind {
    case .membersChanged: .membersChanged(try value(bytes))
    case .userCreated: .userCreated(try value(bytes))
    case .identifierAdded: .identifierAdded(try value(bytes))
    case .identifierRemoved: .identifierRemoved(try value(bytes))
    case .externalIDRenamed: .externalIDRenamed(try value(bytes))
    case .userIdentified: .userIdentified(try value(bytes))
    case .usersMerged: .usersMerged(try value(bytes))
    case .userDeleted: .userDeleted(try value(bytes))
    case .userErased: .userErased(try value(bytes))
    case .erasureFinished: .erasureFinished(try value(bytes))
    case .unmatchedForgotten: .unmatchedForgotten(try value(bytes))
    case .partnerEnabled: .partnerEnabled(try value(bytes))
    case .partnerDisabled: .partnerDisabled(try id(bytes))
    case .keyIssued: .keyIssued(try value(bytes))
    case .keyInvalidated: .keyInvalidated(try id(bytes))
    case .cohortNamed: .cohortNamed(try value(bytes))
    case .cohortArchived: .cohortArchived(try id(bytes))
    case .cohortRestored: .cohortRestored(try id(bytes))
    case .segmentSaved: .segmentSaved(try value(bytes))
    case .segmentArchived: .segmentArchived(try id(bytes))
    case .segmentRestored: .segmentRestored(try id(bytes))
    case .campaignSaved: .campaignSaved(try value(bytes))
    case .campaignArchived: .campaignArchived(try value(bytes))
    case .campaignRestored: .campaignRestored(try value(bytes))
    case .audienceFrozen: .audienceFrozen(try value(bytes))
    case .recovered: .recovered(try value(bytes))
    case .restored: .restored(try value(bytes))
    }
  }
}
