import CohortModel
import CohortWire

/// What one request tells of a parcel.
package enum Letter: Hashable, Sendable {
  case naming
  /// Places among the removals or additions of the parcel; not empty.
  case changes(isRemoval: Bool, Range<Int>)

  /// How many identifiers stand in it.
  package var count: Int {
    switch self {
    case .naming: 0
    case .changes(_, let places): places.count
    }
  }
}

extension Parcel {
  /// What leaves, or what enters.
  func identifiers(isRemoval: Bool) -> ChosenIdentifiers { isRemoval ? removals : additions }

  /// The array in which the contract has identifiers of the kind.
  var arrayName: String {
    switch kind {
    case .externalID: "user_ids"
    case .alias: "aliases"
    case .device: "device_ids"
    }
  }

  /// The request that tells it.
  ///
  ///     {"partner_api_key":"…","client_secret":"…","cohort_id":"vip",
  ///      "cohort_changes":[{"user_ids":["a","b"],"should_remove":true}]}
  package func request(_ letter: Letter, _ keys: DestinationKeys) -> DestinationRequest {
    let path = "/partners/\(PercentEncoding.segment(cohort.partner.bytes))/cohorts"
    var writer = JSONWriter()
    writer.object { json in
      json.member("partner_api_key", utf8: keys.partnerAPIKey.bytes)
      json.member("client_secret", utf8: keys.dataImportKey.bytes)
      json.member("cohort_id", utf8: cohort.cohortID.bytes)
      switch letter {
      case .naming:
        guard let naming else { return }
        json.member("name", utf8: naming.name.bytes)
        json.member("created_at", naming.createdAt.rfc3339)
      case .changes(let isRemoval, let places):
        json.key("cohort_changes")
        json.array { $0.object { write(places, isRemoval, &$0) } }
      }
    }
    return switch letter {
    case .naming: DestinationRequest(path: path, body: writer.bytes, wantsResults: false)
    case .changes:
      DestinationRequest(path: path + "/users", body: writer.bytes, wantsResults: wantsResults)
    }
  }

  private func write(_ places: Range<Int>, _ isRemoval: Bool, _ json: inout JSONWriter) {
    let identifiers = identifiers(isRemoval: isRemoval)
    json.key(arrayName)
    json.array { json in
      for place in places {
        guard case .alias(let label) = kind else {
          json.string(utf8: identifiers[place])
          continue
        }
        json.object {
          $0.member("alias_name", utf8: identifiers[place])
          $0.member("alias_label", utf8: label.bytes)
        }
      }
    }
    if isRemoval { json.member("should_remove", true) }
  }

  /// The places from `start` that fit into one request; at least one.
  func places(from start: Int, isRemoval: Bool, _ settings: DeliverySettings) -> Range<Int> {
    let identifiers = identifiers(isRemoval: isRemoval)
    var perIdentifier = 4
    if case .alias(let label) = kind { perIdentifier += 40 + label.bytes.count }
    var (end, bytes) = (start, 0)
    while end < identifiers.count, end - start < settings.batchCount {
      bytes += identifiers[end].count + perIdentifier
      guard end == start || bytes <= settings.batchBytes else { break }
      end += 1
    }
    return start..<end
  }
}
