"""Alerts: from the bytes of a survey or a broker to columns, light curves and stamps.

What a column is called and means stands in `columns`; `batch.AlertBatch` gives n alerts as such
columns, whatever they came in. It reads them off a `source.Source`: decoded Avro packets
(`avro.AvroAlerts`) or an Arrow table (`tables.TableAlerts`). Nothing here knows Spark, Keras or
the network, and nothing heavy is imported before it is used.
"""
