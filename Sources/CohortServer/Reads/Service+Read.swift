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
    default: nil
    }
  }
}
