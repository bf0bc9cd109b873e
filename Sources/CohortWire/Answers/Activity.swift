package import CohortModel

// What a key did: `/ledger/keys/{id}/activity`.

extension JSONWriter {
  /// Writes one request of a key.
  ///
  /// Of an import only the counts: who came and went is told by `/ledger/requests`.
  ///
  /// - Parameters:
  ///   - events: All of the request, in order; nothing is written if there are none.
  ///   - names: Moved to the position of each event here.
  package mutating func activity(_ events: [Recorded], _ names: Names) {
    guard let last = events.last else { return }
    var names = names
    object { json in
      json.member("request", last.request)
      json.member("time", last.time)
      json.key("events")
      json.array { json in
        for recorded in events {
          names.position = recorded.position
          json.object { $0.summary(recorded, names) }
        }
      }
    }
  }

  private mutating func summary(_ recorded: Recorded, _ names: Names) {
    member("position", recorded.position)
    member("type", recorded.event.typeName)
    guard case .membersChanged(let change) = recorded.event else {
      return payload(recorded.event, names)
    }
    cohort(names.name(of: change.cohort))
    var counts = OutcomeCounts()
    counts.add(change)
    key("counts")
    outcomes(counts)
  }
}
