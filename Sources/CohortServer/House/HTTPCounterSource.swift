package import CohortHTTP
import Synchronization

/// What the server below has counted, once there is one.
///
/// The server needs its application first, so the application learns of it afterwards.
package final class HTTPCounterSource: Sendable {
  private let server = Mutex<HTTPServer?>(nil)

  package init() {}

  package func attach(_ server: HTTPServer) { self.server.withLock { $0 = server } }

  package var metrics: [Metric] {
    guard let counters = server.withLock({ $0?.counters }) else { return [] }
    return [
      Metric(
        "cohort_connections", .gauge, "Open connections.", counters.openConnections),
      Metric(
        "cohort_connections_accepted_total", .counter, "Connections accepted.", counters.accepted),
      Metric(
        "cohort_connections_refused_total", .counter, "Connections beyond the limit.",
        counters.refused),
      Metric(
        "cohort_protocol_errors_total", .counter, "Requests that broke the protocol.",
        counters.protocolErrors),
      Metric(
        "cohort_http_refusals_total", .counter, "Requests too large, too slow or too many.",
        counters.otherRefusals),
      Metric(
        "cohort_accept_pauses_total", .counter, "Times without a free descriptor.",
        counters.acceptPauses),
      Metric("cohort_worker_queue", .gauge, "Jobs that wait for a worker.", counters.waitingJobs),
      Metric("cohort_socket_read_bytes_total", .counter, "Bytes from sockets.", counters.bytesIn),
      Metric(
        "cohort_socket_written_bytes_total", .counter, "Bytes to sockets.", counters.bytesOut),
    ]
  }
}
