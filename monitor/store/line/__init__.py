"""Line protocol, which InfluxDB and VictoriaMetrics both take: points, writing, reading back."""
