"""Values as frames, frames through pandera schemas, failures as findings. The only place that imports pandera."""
